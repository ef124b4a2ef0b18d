# SPDX-License-Identifier: Apache-2.0
"""Faults of the chaos test: each returns the time of its end, from which recovery is measured."""

import signal
import socket
import subprocess
import time

from rig.daemon import PROGRAMS, require, wait_until
from rig.rows import balance

GARBAGE = [b"\xff\x00garbage", b"{" * 4_000, bytes(100_000), b'{"type":"subscribe","max_hz":1e400}\n', b'{"type":']


class Chaos:
    """The environment of the daemon, and its faults.

    A fault is a method named in `KINDS`; it returns the moment from which sound could be heard again.
    """

    # Kind and longest permitted recovery, in seconds.
    KINDS = {
        "server_killed": 0.6,
        "server_frozen": 0.6,
        "sources_unplugged": 0.6,
        "source_suspended": 0.6,
        "microphone_silent": 0.6,
        "daemon_stopped": 0.6,
        "default_changed": 0.6,
        "device_chosen": 0.6,
        "muted": 0.6,
        "reloaded": 0.6,
        "context_reset": 0.6,
        "client_killed": 0.6,
        "garbage_sent": 0.6,
    }

    def __init__(self, server, daemon, listener, random):
        self.server, self.daemon, self.listener, self.random = server, daemon, listener, random
        self.default = server.names[0]
        self.balances = 0
        self.lost = 0

    def last(self, least, most):
        """Waits a random time during a fault."""
        time.sleep(self.random.uniform(least, most))

    def server_killed(self):
        self.server.kill()
        self.last(0.2, 3)
        self.server.start()
        self.default = self.server.names[0]
        return self.server.answered_at

    def server_frozen(self):
        self.server.send(signal.SIGSTOP)
        self.last(0.2, 3)
        self.server.send(signal.SIGCONT)
        return time.monotonic()

    def sources_unplugged(self):
        for name in self.server.names:
            self.server.unplug(name)
        self.last(0.2, 3)
        for name in self.server.names:
            self.server.plug(name)
        end = time.monotonic()
        self.server.control("set-default-source", self.default)
        return end

    def source_suspended(self):
        self.server.control("suspend-source", self.default, "1")
        self.last(0.2, 3)
        self.server.control("suspend-source", self.default, "0")
        return time.monotonic()

    def microphone_silent(self):
        self.server.starve(self.default)
        self.last(0.2, 5)
        self.server.feed(self.default)
        return time.monotonic()

    def daemon_stopped(self):
        self.daemon.send(signal.SIGSTOP)
        time.sleep(1.5)
        self.daemon.send(signal.SIGCONT)
        return time.monotonic()

    def default_changed(self):
        """Changes the default microphone; the daemon must capture the new one."""
        self.default = next(name for name in self.server.names if name != self.default)
        self.server.control("set-default-source", self.default)
        end = time.monotonic()
        self.wait_for_source(self.default)
        return end

    def device_chosen(self):
        other = next(name for name in self.server.names if name != self.default)
        self.command("use_device", device=f"pulse:{other}")
        self.wait_for_source(other)
        self.command("use_device", device="pulse")
        end = time.monotonic()
        self.wait_for_source(self.default)
        return end

    def muted(self):
        """Mutes the microphone and checks the balance."""
        self.lost = balance(self.daemon, self.listener)
        self.balances += 1
        begin = time.monotonic()
        self.last(0.2, 2)
        heard = self.listener.since(begin + 0.1, "estimate")
        require(not heard, f"{len(heard)} estimates while muted")
        self.command("unmute")
        return time.monotonic()

    def reloaded(self):
        self.command("reload")
        return time.monotonic()

    def context_reset(self):
        self.command("reset")
        return time.monotonic()

    def client_killed(self):
        """A program that reads, killed in the middle of it."""
        watch = subprocess.Popen(
            [f"{PROGRAMS}/undertone", "watch", "--json", "--socket", self.daemon.path],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.last(0.3, 1)
        watch.kill()
        watch.wait()
        return time.monotonic()

    def garbage_sent(self):
        for path in (self.daemon.path, self.daemon.control_path):
            for piece in GARBAGE:
                client = socket.socket(socket.AF_UNIX)
                client.connect(path)
                try:
                    client.sendall(piece)
                except OSError:
                    pass  # Refused while sending.
                client.close()
        return time.monotonic()

    def command(self, verb, **fields):
        answer = self.daemon.ask(verb, **fields)
        require(answer["type"] == "ack", f"{verb} was refused: {answer}")

    def wait_for_source(self, name):
        """Waits until the sound server reports that the daemon records from `name`."""

        def sources(kind):
            return [line.split("\t") for line in self.server.control("list", "short", kind).splitlines()]

        def is_heard():
            index = next((words[0] for words in sources("sources") if words[1] == name), None)
            return any(words[1] == index for words in sources("source-outputs"))

        wait_until(is_heard, 5, f"recording from {name}")
