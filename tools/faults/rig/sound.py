# SPDX-License-Identifier: Apache-2.0
"""Sound for machines without a sound card: real speech, a real PulseAudio server, a scripted ALSA microphone."""

import ctypes
import fcntl
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from .daemon import ROOT, Failed, clean_environment, wait_until

RATE = 16_000
F_SETPIPE_SZ = 1031


class SoundInfo(ctypes.Structure):
    """SF_INFO of libsndfile."""

    _fields_ = [("frames", ctypes.c_int64)] + [
        (name, ctypes.c_int) for name in ("samplerate", "channels", "format", "sections", "seekable")
    ]


def decoded(path):
    """A recording as s16le, or None if it is not 16 kHz mono."""
    library = ctypes.CDLL("libsndfile.so.1")
    library.sf_open.restype = ctypes.c_void_p
    library.sf_readf_short.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    library.sf_close.argtypes = [ctypes.c_void_p]
    info = SoundInfo()
    file = ctypes.c_void_p(library.sf_open(os.fsencode(path), 0x10, ctypes.byref(info)))
    if not file:
        raise Failed(f"{path} is not a recording")
    samples = (ctypes.c_short * info.frames)()
    library.sf_readf_short(file, samples, info.frames)
    library.sf_close(file)
    return bytes(samples) if (info.samplerate, info.channels) == (RATE, 1) else None


def speech(folder=None, seconds=None):
    """Recordings in sequence with a second of silence after each: the project's three, or those of a folder."""
    folder = folder or f"{ROOT}/Tests/Fixtures/speech"
    pcm = b""
    for path in sorted(
        sum((glob.glob(f"{folder}/**/*.{kind}", recursive=True) for kind in ("opus", "wav", "flac")), [])
    ):
        recording = decoded(path)
        if recording:
            pcm += recording + bytes(2 * RATE)
        if seconds and len(pcm) >= seconds * RATE * 2:
            break
    if not pcm:
        raise Failed(f"{folder} has no mono recordings of {RATE} Hz")
    return pcm


class Feeder(threading.Thread):
    """Writes PCM into a named pipe in real time, repeatedly, 20 ms at a time."""

    def __init__(self, fifo, pcm, bytes_per_second, slack_seconds):
        super().__init__(daemon=True)
        # The server created the pipe before it answered, and has the reading end open.
        self.pipe = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        # A pipe of default size would buffer two seconds for a frozen server.
        fcntl.fcntl(self.pipe, F_SETPIPE_SZ, max(4_096, int(bytes_per_second * slack_seconds)))
        self.pcm, self.bytes_per_second = pcm, bytes_per_second
        self.stopping = threading.Event()
        self.start()

    def run(self):
        piece = self.bytes_per_second // 50
        begin, sent = time.monotonic(), 0
        while not self.stopping.is_set():
            place = sent % len(self.pcm)
            try:
                os.write(self.pipe, self.pcm[place : place + piece])
            except BlockingIOError:
                pass  # A frozen server: a microphone would lose these samples.
            except OSError:
                break
            sent += piece
            time.sleep(max(0.0, begin + sent / self.bytes_per_second - time.monotonic()))
        os.close(self.pipe)

    def stop(self):
        self.stopping.set()
        self.join()


class SoundServer:
    """A separate PulseAudio server whose microphones `mic0`, `mic1` ... are pipes.

    A server that is late by more than `slack_seconds` loses samples, as with a real microphone.
    """

    def __init__(self, microphones=1, rate=RATE, channels=1, format="s16le", pcm=None, slack_seconds=0.125):
        self.folder = tempfile.mkdtemp(prefix="ut-pulse-")
        for part in ("pulse", "home"):
            os.mkdir(f"{self.folder}/{part}", 0o700)
        self.native = f"{self.folder}/pulse/native"
        self.names = [f"mic{index}" for index in range(microphones)]
        self.shape = f"rate={rate} channels={channels} format={format}"
        width = {"s16le": 2, "s32le": 4, "float32le": 4}[format]
        self.bytes_per_second = rate * channels * width
        self.pcm = pcm if pcm is not None else speech()
        self.slack_seconds = slack_seconds
        self.feeders = {}
        self.modules = {}
        self.start()

    def environment(self):
        return {
            "PULSE_SERVER": f"unix:{self.native}",
            "PULSE_RUNTIME_PATH": f"{self.folder}/pulse",
            "XDG_RUNTIME_DIR": self.folder,
            "HOME": f"{self.folder}/home",
        }

    def start(self):
        """Starts the server and feeds all its microphones."""
        for leftover in [self.native] + [self.fifo(name) for name in self.names]:
            if os.path.exists(leftover):
                os.unlink(leftover)
        loads = sum((["-L", "module-pipe-source " + self.arguments(name)] for name in self.names), [])
        self.process = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error"]
            + loads
            + ["-L", f"module-native-protocol-unix socket={self.native} auth-anonymous=1"],
            env=clean_environment() | self.environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(self.answers, 10, "an answer of PulseAudio")
        self.answered_at = time.monotonic()
        # In the order of the command line, the microphones are modules 0, 1 ...
        self.modules = {name: str(index) for index, name in enumerate(self.names)}
        for name in self.names:
            self.feed(name)

    def answers(self):
        client = socket.socket(socket.AF_UNIX)
        try:
            client.connect(self.native)
            return True
        except OSError:
            return False
        finally:
            client.close()

    def arguments(self, name):
        return f"source_name={name} file={self.fifo(name)} {self.shape}"

    def fifo(self, name):
        return f"{self.folder}/{name}.fifo"

    def feed(self, name="mic0"):
        self.starve(name)
        self.feeders[name] = Feeder(self.fifo(name), self.pcm, self.bytes_per_second, self.slack_seconds)

    def starve(self, name="mic0"):
        """Stops the microphone: it delivers nothing from now on, not even silence."""
        if feeder := self.feeders.pop(name, None):
            feeder.stop()

    def kill(self):
        self.process.kill()
        self.process.wait()
        for name in list(self.feeders):
            self.starve(name)

    def send(self, number):
        self.process.send_signal(number)

    def control(self, *command):
        """Runs `pactl` and returns its output."""
        result = subprocess.run(
            ["pactl", *command],
            env=clean_environment() | self.environment(),
            capture_output=True,
            text=True,
            timeout=10,
        )
        if result.returncode != 0:
            raise Failed(f"pactl {' '.join(command)}: {result.stderr.strip()}")
        return result.stdout.strip()

    def unplug(self, name="mic0"):
        self.starve(name)
        self.control("unload-module", self.modules.pop(name))

    def plug(self, name="mic0"):
        self.modules[name] = self.control("load-module", "module-pipe-source", *self.arguments(name).split())
        self.feed(name)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for name in list(self.feeders):
            self.starve(name)
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class ScriptedMicrophone:
    """An ALSA device with scripted faults; see `alsa_faults.c`."""

    device = "alsa:null"

    def __init__(self, script="", pcm=None):
        self.folder = tempfile.mkdtemp(prefix="ut-alsa-")
        self.library = f"{self.folder}/alsa_faults.so"
        source = f"{os.path.dirname(os.path.dirname(os.path.abspath(__file__)))}/alsa_faults.c"
        subprocess.run(
            ["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", self.library, source], check=True
        )
        self.sound = f"{self.folder}/sound.raw"
        with open(self.sound, "wb") as file:
            file.write(pcm if pcm is not None else speech())
        self.script = script

    def environment(self):
        return {
            "LD_PRELOAD": self.library,
            "ALSA_FAULTS": self.script,
            "ALSA_FAULTS_SOUND": self.sound,
            "ALSA_FAULTS_LOG": f"{self.folder}/log",
        }

    def events(self, what=None):
        """Events so far: (seconds of the monotonic clock, event, call, frames delivered, frames lost)."""
        try:
            with open(f"{self.folder}/log") as file:
                lines = [line.split() for line in file if line.endswith("\n")]
        except FileNotFoundError:
            return []
        entries = [(int(t) / 1e9, word, int(call), int(d), int(l)) for t, word, call, d, l in lines]
        return [entry for entry in entries if what in (None, entry[1])]

    def wait(self, what, seconds=20):
        return wait_until(lambda: self.events(what), seconds, f"'{what}' at the microphone")[0]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        shutil.rmtree(self.folder, ignore_errors=True)
