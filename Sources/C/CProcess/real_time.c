// SPDX-License-Identifier: Apache-2.0
#include "CProcess.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>

// A real-time thread that never waits would block a single-CPU machine permanently. Waiting once restarts the count.
static const rlim_t longest_microseconds = 200 * 1000;

static _Thread_local volatile sig_atomic_t was_lost;

// The kernel sends this signal to the thread that used up its time, unless that thread blocks it, as libdispatch's do.
static void lose_real_time(int signal) {
    (void)signal;
    int before = errno;
    struct sched_param ordinary = {0};
    if (sched_setscheduler(0, SCHED_OTHER, &ordinary) == 0) was_lost = 1;
    errno = before;
}

static int hear_of_the_limit(void) {
    struct sigaction action = {.sa_handler = lose_real_time, .sa_flags = SA_RESTART};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGXCPU);
    return sigaction(SIGXCPU, &action, NULL) == 0 ? pthread_sigmask(SIG_UNBLOCK, &signals, NULL) : errno;
}

static int set_the_limit(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_RTTIME, &limit) != 0) return errno;
    if (limit.rlim_cur > longest_microseconds) limit.rlim_cur = longest_microseconds;
    return setrlimit(RLIMIT_RTTIME, &limit) == 0 ? 0 : errno;
}

int process_begin_real_time(int priority) {
    struct sched_param wanted = {.sched_priority = priority};
    int error = hear_of_the_limit();
    if (error == 0) error = set_the_limit();
    return error != 0 ? error : pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted);
}

int process_lost_real_time(void) { return was_lost; }
