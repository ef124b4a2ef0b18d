#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures a live undertoned: the time from the last sample of a hop to its line on the socket, CPU time and memory.

    swift build -c release
    tools/bench/latency.py [--seconds 60] [--programs .build/release]

Needs pulseaudio (Debian package), no sound card. A private PulseAudio server has a pipe source as its
microphone. This script writes the three recordings of Tests/Fixtures/speech into the pipe in real time, 10 ms
at a time, and notes when it wrote each block. It begins only when the daemon listens, so that the daemon's audio clock
is the pipe's. The time of an estimate is the moment its line is read from the socket minus the
moment the block that holds the last sample of its span was written: PulseAudio, capture, features, network and socket
are all in it.

Flawed on purpose: client, feeder and daemon share the machine. Quote the machine with the figures.
"""

import argparse
import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

RATE = 16_000
BLOCK = RATE // 100


class SoundInfo(ctypes.Structure):
    """SF_INFO of libsndfile."""

    _fields_ = [("frames", ctypes.c_int64)] + [
        (name, ctypes.c_int) for name in ("samplerate", "channels", "format", "sections", "seekable")
    ]


def decoded(path):
    """One recording as s16le; mono and at the rate of the pipe, as the recordings are."""
    library = ctypes.CDLL("libsndfile.so.1")
    library.sf_open.restype = ctypes.c_void_p
    info = SoundInfo()
    file = ctypes.c_void_p(library.sf_open(path.encode(), 0x10, ctypes.byref(info)))
    if not file or (info.samplerate, info.channels) != (RATE, 1):
        sys.exit(f"latency: {path} is not a mono recording of {RATE} Hz")
    samples = (ctypes.c_short * info.frames)()
    library.sf_readf_short.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    library.sf_readf_short(file, samples, info.frames)
    return bytes(samples)


def speech(root, seconds):
    """The recordings in sequence, repeated to fill `seconds`."""
    pcm = b"".join(decoded(f"{root}/Tests/Fixtures/speech/{name}.opus") for name in ("angry", "happy", "sad"))
    wanted = int(seconds * RATE) * 2
    return (pcm * (wanted // len(pcm) + 1))[:wanted]


class Feeder(threading.Thread):
    """Writes PCM into the pipe, one block every 10 ms, and stores the times."""

    def __init__(self, fifo, pcm):
        super().__init__(daemon=True)
        self.pipe = os.open(fifo, os.O_WRONLY)
        self.pcm = pcm
        self.written_at = []

    def run(self):
        start = time.monotonic()
        for index in range(len(self.pcm) // (2 * BLOCK)):
            time.sleep(max(0.0, start + (index + 1) * BLOCK / RATE - time.monotonic()))
            self.written_at.append(time.monotonic())
            try:
                os.write(self.pipe, self.pcm[index * 2 * BLOCK : (index + 1) * 2 * BLOCK])
            except BrokenPipeError:
                return  # The measurement is over and the sound server gone.


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


def wait_for(condition, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"latency: {what}: timed out after {seconds} s")
        time.sleep(0.02)


def quantile(values, q):
    return sorted(values)[min(len(values) - 1, int(q * len(values)))]


class Bench:
    def __init__(self, arguments, folder):
        self.arguments = arguments
        self.folder = folder
        self.processes = []
        runtime = f"{folder}/pulse"
        os.mkdir(runtime, 0o700)
        os.mkdir(f"{folder}/home", 0o700)
        self.environment = dict(
            os.environ, XDG_RUNTIME_DIR=folder, PULSE_RUNTIME_PATH=runtime, HOME=f"{folder}/home",
            PULSE_SERVER=f"unix:{runtime}/native",
        )
        self.fifo = f"{folder}/mic.fifo"
        self.socket_path = f"{folder}/undertone.sock"

    def start(self, *command):
        process = subprocess.Popen(command, env=self.environment)
        self.processes.append(process)
        return process

    def start_pulseaudio(self):
        path = f"{self.folder}/pulse/native"
        self.start(
            "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-level=error",
            "-L", f"module-native-protocol-unix socket={path} auth-anonymous=1",
            "-L", f"module-pipe-source source_name=mic file={self.fifo} rate={RATE} channels=1 format=s16le",
        )
        wait_for(lambda: os.path.exists(path) and os.path.exists(self.fifo), "PulseAudio")

    def start_daemon(self):
        program = f"{self.arguments.programs}/undertoned"
        options = ["--device", "pulse:mic", "--socket", self.socket_path, "--log-level", "error"]
        process = self.start(program, *options, *(["--model", self.arguments.model] if self.arguments.model else []))
        wait_for(lambda: os.path.exists(self.socket_path), "the daemon's socket")
        return process

    def subscribe(self):
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.socket_path)
        request = {"type": "subscribe", "id": 1, "events": ["estimate", "overrun", "state"], "snapshot": True}
        client.sendall(json.dumps(request).encode() + b"\n")
        return client.makefile("rb")

    def captured(self):
        """Number of samples that the daemon captured; if it differs from the written number, the figures are
        invalid."""
        client = socket.socket(socket.AF_UNIX)
        client.connect(f"{self.folder}/control.sock")
        client.sendall(b'{"type":"status","id":1}\n')
        for line in client.makefile("rb"):
            message = json.loads(line)
            if message["type"] == "status":
                return message["captured"]
        sys.exit("latency: the daemon did not answer")

    def run(self):
        self.start_pulseaudio()
        daemon = self.start_daemon()
        lines = self.subscribe()
        time.sleep(1.5)
        feeder = Feeder(self.fifo, speech(self.arguments.root, self.arguments.seconds))
        feeder.start()
        cpu, begin = cpu_seconds(daemon.pid), time.monotonic()
        delays, lags, lost = self.collect(lines, feeder)
        elapsed = time.monotonic() - begin
        used = 100 * (cpu_seconds(daemon.pid) - cpu) / elapsed
        feeder.join()
        time.sleep(0.3)
        written = len(feeder.pcm) // 2
        if self.captured() != written:
            sys.exit(f"latency: {written} samples were written and {self.captured()} captured: the clocks do not agree")
        print(f"lines              {len(delays)} in {elapsed:.1f} s, {lost} samples lost")
        print(f"last sample -> line  p50 {quantile(delays, 0.5):.1f} ms, p99 {quantile(delays, 0.99):.1f} ms, "
              f"max {max(delays):.1f} ms")
        print(f"lag_ms in the lines  p50 {quantile(lags, 0.5):.1f} ms, p99 {quantile(lags, 0.99):.1f} ms")
        print(f"undertoned         {used:.1f} % of one CPU, {memory_mib(daemon.pid):.1f} MiB resident")

    def collect(self, lines, feeder):
        delays, lags, lost = [], [], 0
        blocks = len(feeder.pcm) // (2 * BLOCK)
        for line in lines:
            now = time.monotonic()
            event = json.loads(line)
            if event["type"] == "overrun":
                lost += event["samples"]
            if event["type"] != "estimate" or event["final"]:
                continue
            block = round(event["span"][1] * RATE) // BLOCK - 1
            if 0 <= block < len(feeder.written_at):
                delays.append((now - feeder.written_at[block]) * 1000)
                lags.append(event["lag_ms"])
            if block >= blocks - RATE // BLOCK // 2:
                return delays, lags, lost
        sys.exit("latency: the daemon closed the socket")

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            process.wait(10)


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--programs", default=f"{root}/.build/release")
    parser.add_argument("--model", default=None)
    arguments = parser.parse_args()
    arguments.root = root
    with tempfile.TemporaryDirectory(prefix="ut-") as folder:
        bench = Bench(arguments, folder)
        try:
            bench.run()
        finally:
            bench.stop()


if __name__ == "__main__":
    main()
