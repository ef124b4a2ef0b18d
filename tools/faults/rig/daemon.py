# SPDX-License-Identifier: Apache-2.0
"""A real `undertoned` process: start, requests, measurements and end."""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
PROGRAMS = os.environ.get("UNDERTONE_PROGRAMS", f"{ROOT}/.build/release")
TICKS = os.sysconf("SC_CLK_TCK")


class Failed(Exception):
    """A broken promise."""


def require(condition, sentence):
    if not condition:
        raise Failed(sentence)


def wait_until(condition, seconds, what="the expected"):
    """Returns the first true value of `condition`; raises `Failed` if there is none within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise Failed(f"{what}: timed out after {seconds:g} s")


class Lines:
    """Lines of JSON over a Unix socket."""

    def __init__(self, path, timeout=20.0):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.settimeout(timeout)
        self.pending = b""

    def send(self, **request):
        self.socket.sendall(json.dumps(request).encode() + b"\n")

    def next(self):
        """The next object, or None at the end."""
        while b"\n" not in self.pending:
            try:
                chunk = self.socket.recv(65_536)
            except ConnectionResetError:
                chunk = b""
            if not chunk:
                return None
            self.pending += chunk
        line, self.pending = self.pending.split(b"\n", 1)
        return json.loads(line)

    def close(self):
        self.socket.close()


class Process:
    """Measurements of a process from /proc."""

    def __init__(self, pid):
        self.pid = pid

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def field(self, key):
        with open(f"/proc/{self.pid}/status") as file:
            return next(int(line.split()[1]) for line in file if line.startswith(key + ":"))

    def rss_kib(self):
        return self.field("VmRSS")

    def threads(self):
        return self.field("Threads")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


class Daemon(Process):
    """One daemon with its own sockets. A context manager, which kills the process at its end."""

    def __init__(self, device, *options, environment=None, limits=None, wrapper=(), **popen):
        self.folder = tempfile.mkdtemp(prefix="ut-fault-")
        self.path = f"{self.folder}/undertone.sock"
        self.control_path = f"{self.folder}/control.sock"
        self.log_path = f"{self.folder}/log"
        self.notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notifications.bind(f"{self.folder}/notify")
        self.notified = []
        threading.Thread(target=self.hear_notifications, daemon=True).start()
        self.command = [*wrapper, f"{PROGRAMS}/undertoned", "--device", device, "--socket", self.path, *options]
        own = {"NOTIFY_SOCKET": f"{self.folder}/notify", "XDG_STATE_HOME": self.folder}
        self.environment = clean_environment() | own | (environment or {})
        self.limits, self.popen = limits, popen
        self.start()

    def start(self):
        with open(self.log_path, "ab") as log:
            self.started_at = time.monotonic()
            self.process = subprocess.Popen(
                self.command,
                env=self.environment,
                stderr=log,
                **({"stdin": subprocess.DEVNULL} | self.popen),
                preexec_fn=self.limits,
            )
        super().__init__(self.process.pid)
        self.control = None
        self.asked_at = 0.0
        try:
            wait_until(self.answers, 20, "an answer of the daemon")
        except BaseException:
            self.__exit__()
            raise
        self.ready_after = time.monotonic() - self.started_at

    def answers(self):
        require(self.process.poll() is None, f"the daemon ended with {self.process.poll()}: {self.log()[-300:]}")
        try:
            lines = Lines(self.path)
        except OSError:
            return False
        hello = lines.next()
        lines.close()
        return hello is not None

    def ask(self, verb, **fields):
        """The answer to a request on the control socket."""
        try:
            # The daemon closes a connection on which nothing is asked for five minutes.
            if self.control is None or time.monotonic() - self.asked_at > 200:
                self.control = Lines(self.control_path)
                self.control.next()
            self.asked_at = time.monotonic()
            self.control.send(type=verb, id=1, **fields)
            while (answer := self.control.next()) is not None:
                if answer.get("id") == 1:
                    return answer
        except OSError as error:
            self.control = None
            raise Failed(f"'{verb}' got no answer: {error}") from None
        self.control = None
        raise Failed(f"the control socket closed at '{verb}'")

    def status(self):
        return self.ask("status")

    def send(self, number):
        os.kill(self.pid, number)

    def log(self):
        with open(self.log_path, errors="replace") as file:
            return file.read()

    def hear_notifications(self):
        """Stores each message to the service manager with its time; the kernel buffers only few of them."""
        try:
            while text := self.notifications.recv(4_096):
                self.notified.append((time.monotonic(), text.decode()))
        except OSError:
            pass  # The row has ended.

    def signs_of_life(self, since):
        """Times of the watchdog messages, with both ends of the interval."""
        return (
            [since] + [t for t, text in list(self.notified) if "WATCHDOG=1" in text and t > since] + [time.monotonic()]
        )

    def is_alive(self):
        return self.process.poll() is None

    def stop(self, number=signal.SIGTERM, seconds=10):
        """Ends the daemon; returns its status and the seconds that it took."""
        begin = time.monotonic()
        self.send(number)
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"the daemon still runs {seconds} s after signal {number}") from None
        return status, time.monotonic() - begin

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.is_alive():
            self.send(signal.SIGCONT)
            self.process.kill()
        self.process.wait()
        self.notifications.shutdown(socket.SHUT_RDWR)
        self.notifications.close()
        if self.control:
            self.control.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def clean_environment():
    """The environment without variables that affect Undertone."""
    hidden = ("UNDERTONE_", "ALSA_", "PULSE_", "NOTIFY_SOCKET", "LISTEN_", "JOURNAL_STREAM", "WATCHDOG_")
    return {key: value for key, value in os.environ.items() if not key.startswith(hidden)}
