#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the time until the daemon acknowledges `mute` while it is busy.

    tools/bench/mute.py [--count 1000] [--clients 50] [--stress] [--no-reload] [--model FOLDER]

A daemon that plays a tone has `--clients` clients of everything; one connection reloads the model in a loop, one asks for
the list of devices, `--idle` are connected and ask nothing, and with --stress one busy loop runs on each processor.
Meanwhile a new connection is made for each of `--count` rounds; it sends `mute`, waits for the answer, and sends `unmute`.
Printed are the times from the first byte sent to the answer, without the connection, and how often the microphone was
closed by then. A daemon that refuses the connection counts as an answer that never came."""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


class Client:
    def __init__(self, path, timeout=30.0):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(timeout)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def ask(self, **request):
        self.socket.sendall(json.dumps(request).encode() + b"\n")
        while line := self.file.readline():
            message = json.loads(line)
            if message.get("id") == request["id"]:
                return message
        raise ConnectionError("the daemon closed the connection")

    def close(self):
        self.file.close()
        self.socket.close()


def keep_asking(path, request, stop):
    """Sends the same request repeatedly, on its own connection."""
    try:
        client = Client(path)
        while not stop.is_set():
            client.ask(id=1, **request)
    except (OSError, ValueError):
        if not stop.is_set():
            print(f"mute: '{request['type']}' got no answer", file=sys.stderr)


def keep_reading(path, stop):
    client = Client(path)
    kinds = ["estimate", "utterance", "vad", "state", "overrun", "level"]
    client.ask(type="subscribe", id=1, events=kinds)
    client.socket.settimeout(1)
    while not stop.is_set():
        try:
            if not client.socket.recv(65_536):
                return
        except TimeoutError:
            pass


def measure(control, count):
    """The times in milliseconds, and the number of missing answers."""
    times, failures, notes = [], 0, 0
    for _ in range(count):
        try:
            client = Client(control)
            client.file.readline()
            start = time.monotonic()
            answer = client.ask(type="mute", id=1)
            times.append(1_000 * (time.monotonic() - start))
            failures += answer["type"] != "ack"
            notes += "note" in answer
            client.ask(type="unmute", id=2)
            client.close()
        except (OSError, ValueError):
            failures += 1
        time.sleep(0.02)
    return times, failures, notes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--programs", default=f"{ROOT}/.build/release")
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--device", default="tone:440")
    parser.add_argument("--model")
    parser.add_argument("--stress", action="store_true")
    parser.add_argument("--no-reload", action="store_true")
    parser.add_argument("--idle", type=int, default=40)
    arguments = parser.parse_args()
    stop = threading.Event()
    with tempfile.TemporaryDirectory(prefix="ut-mute-") as folder:
        path, control = f"{folder}/undertone.sock", f"{folder}/control.sock"
        command = [f"{arguments.programs}/undertoned", "--device", arguments.device, "--socket", path]
        command += ["--log-level", "error"] + (["--model", arguments.model] if arguments.model else [])
        environment = dict(os.environ, XDG_STATE_HOME=folder)
        processes = [subprocess.Popen(command, env=environment)]
        if arguments.stress:
            loop = [sys.executable, "-c", "while True: pass"]
            processes += [subprocess.Popen(loop) for _ in range(os.cpu_count() or 1)]
        threads = []
        try:
            for _ in range(200):
                time.sleep(0.05)
                if os.path.exists(control):
                    break
            Client(path).file.readline()
            for _ in range(arguments.clients):
                threads.append(threading.Thread(target=keep_reading, args=(path, stop)))
            requests = [] if arguments.no_reload else [{"type": "reload"}, {"type": "devices"}]
            for request in requests:
                threads.append(threading.Thread(target=keep_asking, args=(control, request, stop)))
            for thread in threads:
                thread.start()
            idle = []
            for _ in range(arguments.idle):
                idle.append(Client(control))
            time.sleep(1)
            times, failures, notes = measure(control, arguments.count)
        finally:
            stop.set()
            for process in processes:
                process.terminate()
            for thread in threads:
                thread.join(5)
    times.sort()
    if times:
        print(
            f"mute, {len(times)} times: p50 {times[len(times) // 2]:.2f} ms, p99 {times[int(0.99 * len(times))]:.2f} ms, "
            f"worst {times[-1]:.2f} ms; within 50 ms: {sum(t <= 50 for t in times)}; answered with a note: {notes}; "
            f"no answer: {failures}"
        )
    return 0 if times and not failures else 1


if __name__ == "__main__":
    sys.exit(main())
