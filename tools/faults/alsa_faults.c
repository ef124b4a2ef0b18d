// SPDX-License-Identifier: Apache-2.0
// A scripted microphone: intercepts libasound (LD_PRELOAD) and simulates an ALSA device, paced by the clock, so that
// no sound card is needed. Open the device `null` and script its faults:
//
//     ALSA_FAULTS='readi@20=overrun,wait@50=unplug:3,readi@100-400/50=EIO'
//
// FUNCTION@FROM[-TO][/STEP]=FAULT[:ARGUMENT]: the FROMth to TOth call (each STEPth) of `open`, `wait`, `readi` or
// `avail` gets
//
//     overrun        the buffer is full: EPIPE until the program prepares and starts the device again
//     suspend:MS     suspended: ESTRPIPE, and `resume` returns EAGAIN for MS milliseconds (`never`: also when reopened)
//     unplug:N       missing: ENODEV, and the next N attempts to open it fail with ENOENT
//     silent:MS      no samples for MS milliseconds (`never`: permanently), without an error
//     hang:MS        the call does not return for MS milliseconds
//     spin:MS        like hang, but it keeps the CPU busy
//     short, empty   a third of the frames, no frames
//     EIO, EINTR, EAGAIN, EBUSY, ENOENT ...    that error, once
//
// ALSA_FAULTS_SOUND is a file of raw s16le at 16 kHz that the microphone delivers repeatedly (default: silence).
// ALSA_FAULTS_LOG gets a line for each fault, each open and the first samples after one: nanoseconds of the monotonic
// clock, the event, and frames delivered and lost so far.
//
// Supports one capture thread.
#define _GNU_SOURCE
#include <alsa/asoundlib.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

enum { RATE = 16000, PERIOD = 320, BUFFER = 8000 };
enum function { OPEN, WAIT, READI, AVAIL, FUNCTIONS };
static const char *const names[FUNCTIONS] = {"open", "wait", "readi", "avail"};

// State of the microphone. `error` is the result of each call until the program recovers.
static struct {
    int error;
    int64_t started, asleep_until, silent_until, overrun_at;
    int opens_to_fail, sounded;
    long in_stream, delivered, lost;
} microphone;

static const int64_t NEVER = INT64_MAX;

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void rest(int64_t nanoseconds) {
    if (nanoseconds <= 0) return;
    struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    // Not interrupted by signals, like a driver that hangs.
    while (nanosleep(&time, &time) != 0 && errno == EINTR) {}
}

static void tell(const char *what, long call) {
    static int file = -2;
    if (file == -2) {
        const char *path = getenv("ALSA_FAULTS_LOG");
        file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    }
    if (file >= 0) {
        dprintf(file, "%lld %s %ld %ld %ld\n", (long long)now(), what, call, microphone.delivered, microphone.lost);
    }
}

// MARK: The script

// Returns the script's fault for this call, or null. Sets `argument` to the text after its colon.
static const char *scripted(enum function function, long call, char *fault, size_t size, const char **argument) {
    const char *entry = getenv("ALSA_FAULTS");
    for (; entry && *entry; entry = strchr(entry, ',') ? strchr(entry, ',') + 1 : NULL) {
        char name[16] = "";
        long from = 0, to, step = 1;
        int used = 0;
        if (sscanf(entry, " %15[a-z]@%ld%n", name, &from, &used) < 2 || strcmp(name, names[function]) != 0) continue;
        to = from;
        entry += used;
        if (*entry == '-') to = strtol(entry + 1, (char **)&entry, 10);
        if (*entry == '/') step = strtol(entry + 1, (char **)&entry, 10);
        if (call < from || call > to || (call - from) % (step > 0 ? step : 1) != 0 || *entry != '=') continue;
        size_t length = strcspn(entry + 1, ",");
        snprintf(fault, size, "%.*s", (int)length, entry + 1);
        char *colon = strchr(fault, ':');
        if (colon) *colon = 0;
        *argument = colon ? colon + 1 : "";
        return fault;
    }
    return NULL;
}

static int64_t until(const char *milliseconds) {
    return strcmp(milliseconds, "never") == 0 ? NEVER : now() + atoll(milliseconds) * 1000000;
}

static int error_named(const char *fault) {
    static const struct { const char *name; int code; } errors[] = {
        {"EIO", EIO}, {"EINTR", EINTR}, {"EAGAIN", EAGAIN}, {"EBUSY", EBUSY}, {"ENOENT", ENOENT},
        {"ENODEV", ENODEV}, {"EBADFD", EBADFD}, {"EPIPE", EPIPE}, {"EACCES", EACCES},
    };
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        if (strcmp(fault, errors[i].name) == 0) return errors[i].code;
    }
    dprintf(2, "alsa_faults: no fault '%s'\n", fault);
    _exit(99);
}

// Counts the call and applies the script. Returns a negative error, or 0 to continue; may reduce `frames`.
static long suffer(enum function function, snd_pcm_uframes_t *frames) {
    static long calls[FUNCTIONS];
    long call = ++calls[function];
    char fault[64];
    const char *argument = "";
    if (!scripted(function, call, fault, sizeof fault, &argument)) return -microphone.error;
    tell(fault, call);
    microphone.sounded = 0;
    if (strcmp(fault, "overrun") == 0) {
        microphone.error = EPIPE;
        microphone.overrun_at = now();
    } else if (strcmp(fault, "suspend") == 0) {
        microphone.error = ESTRPIPE;
        microphone.asleep_until = until(argument);
    } else if (strcmp(fault, "unplug") == 0) {
        microphone.error = ENODEV;
        microphone.opens_to_fail = atoi(argument);
    } else if (strcmp(fault, "silent") == 0) {
        microphone.silent_until = until(argument);
    } else if (strcmp(fault, "hang") == 0) {
        rest(atoll(argument) * 1000000);
    } else if (strcmp(fault, "spin") == 0) {
        for (int64_t end = until(argument); now() < end;) {}
    } else if (strcmp(fault, "short") == 0 && frames) {
        *frames = *frames / 3 > 0 ? *frames / 3 : 1;
    } else if (strcmp(fault, "empty") == 0 && frames) {
        *frames = 0;
    } else {
        return -error_named(fault);
    }
    return -microphone.error;
}

// MARK: The microphone

// Returns the frames in the device's buffer; starts an overrun if it is full.
static long waiting(void) {
    int64_t time = now();
    if (microphone.silent_until) {
        if (time < microphone.silent_until) return 0;
        microphone.silent_until = 0;
        microphone.started = time;
        microphone.in_stream = 0;
    }
    long due = (long)((double)(time - microphone.started) * RATE / 1e9) - microphone.in_stream;
    if (due <= BUFFER) return due;
    microphone.error = EPIPE;
    microphone.overrun_at = time - (int64_t)(due - BUFFER) * 1000000000 / RATE;
    tell("overrun_by_itself", 0);
    return -EPIPE;
}

static void begin(void) {
    microphone.error = 0;
    microphone.started = now();
    microphone.in_stream = 0;
}

static void hear(int16_t *samples, long count) {
    static int16_t *sound;
    static long length, position;
    if (!length) {
        const char *path = getenv("ALSA_FAULTS_SOUND");
        int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        length = file >= 0 ? lseek(file, 0, SEEK_END) / 2 : RATE;
        sound = calloc(length > 0 ? length : 1, 2);
        if (file >= 0 && pread(file, sound, length * 2, 0) != length * 2) _exit(99);
        if (file >= 0) close(file);
    }
    for (long i = 0; i < count; i++) samples[i] = sound[(position + i) % length];
    position += count;
}

// MARK: Replacements for libasound

int snd_pcm_open(snd_pcm_t **pcm, const char *name, snd_pcm_stream_t stream, int mode) {
    static int (*real)(snd_pcm_t **, const char *, snd_pcm_stream_t, int);
    if (!real) real = dlsym(RTLD_NEXT, "snd_pcm_open");
    int was_asleep = microphone.error == ESTRPIPE && microphone.asleep_until == NEVER;
    microphone.error = 0;
    long error = suffer(OPEN, NULL);
    if (microphone.opens_to_fail > 0) {
        microphone.opens_to_fail--;
        error = -ENOENT;
    }
    tell(error ? "refused" : "opened", 0);
    if (was_asleep) microphone.error = ESTRPIPE;
    microphone.sounded = 0;
    return error ? (int)error : real(pcm, name, stream, mode);
}

// Calls the real device too, because libasound has its own state; its result is ignored.
static void really(const char *name, snd_pcm_t *pcm) {
    int (*function)(snd_pcm_t *) = dlsym(RTLD_NEXT, name);
    function(pcm);
}

int snd_pcm_prepare(snd_pcm_t *pcm) {
    really("snd_pcm_prepare", pcm);
    if (microphone.error && microphone.error != EPIPE) return -microphone.error;
    if (microphone.error) microphone.lost += (long)((double)(now() - microphone.overrun_at) * RATE / 1e9) + BUFFER;
    microphone.error = 0;
    return 0;
}

int snd_pcm_start(snd_pcm_t *pcm) {
    really("snd_pcm_start", pcm);
    if (microphone.error == ESTRPIPE) return 0;
    begin();
    return 0;
}

int snd_pcm_resume(snd_pcm_t *pcm) {
    (void)pcm;
    if (microphone.error != ESTRPIPE) return microphone.error ? -microphone.error : 0;
    if (now() < microphone.asleep_until) return -EAGAIN;
    begin();
    tell("resumed", 0);
    return 0;
}

int snd_pcm_wait(snd_pcm_t *pcm, int timeout) {
    (void)pcm;
    int64_t end = now() + (int64_t)timeout * 1000000;
    long error = suffer(WAIT, NULL);
    if (error) return (int)error;
    while (1) {
        long count = waiting();
        if (count < 0) return (int)count;
        if (count >= PERIOD) return 1;
        int64_t left = end - now();
        if (timeout >= 0 && left <= 0) return 0;
        int64_t period = (int64_t)(PERIOD - count) * 1000000000 / RATE;
        rest(timeout >= 0 && left < period ? left : period);
    }
}

snd_pcm_sframes_t snd_pcm_avail_update(snd_pcm_t *pcm) {
    (void)pcm;
    long error = suffer(AVAIL, NULL);
    return error ? error : waiting();
}

snd_pcm_sframes_t snd_pcm_readi(snd_pcm_t *pcm, void *buffer, snd_pcm_uframes_t frames) {
    (void)pcm;
    snd_pcm_uframes_t wanted = frames;
    long error = suffer(READI, &wanted);
    if (error) return error;
    if (wanted == 0) return 0;
    long count = waiting();
    if (count < 0) return count;
    if (count == 0) return -EAGAIN;
    if (count > (long)wanted) count = (long)wanted;
    hear(buffer, count);
    microphone.in_stream += count;
    microphone.delivered += count;
    if (!microphone.sounded) tell("sound", 0);
    microphone.sounded = 1;
    return count;
}

snd_pcm_state_t snd_pcm_state(snd_pcm_t *pcm) {
    (void)pcm;
    switch (microphone.error) {
    case EPIPE: return SND_PCM_STATE_XRUN;
    case ESTRPIPE: return SND_PCM_STATE_SUSPENDED;
    case ENODEV: return SND_PCM_STATE_DISCONNECTED;
    default: return SND_PCM_STATE_RUNNING;
    }
}

// Status of the overrun, from which a program computes its loss.

int snd_pcm_status(snd_pcm_t *pcm, snd_pcm_status_t *status) {
    (void)pcm, (void)status;
    return 0;
}

snd_pcm_uframes_t snd_pcm_status_get_avail(const snd_pcm_status_t *status) {
    (void)status;
    return BUFFER;
}

static snd_htimestamp_t stamp(int64_t time) {
    return (snd_htimestamp_t){.tv_sec = time / 1000000000, .tv_nsec = time % 1000000000};
}

void snd_pcm_status_get_htstamp(const snd_pcm_status_t *status, snd_htimestamp_t *time) {
    (void)status;
    *time = stamp(now());
}

void snd_pcm_status_get_trigger_htstamp(const snd_pcm_status_t *status, snd_htimestamp_t *time) {
    (void)status;
    *time = stamp(microphone.overrun_at);
}
