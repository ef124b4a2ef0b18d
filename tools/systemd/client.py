# SPDX-License-Identifier: Apache-2.0
"""A client of the daemon as anybody would write one: a Unix socket and lines of JSON."""

import json
import selectors
import socket
import threading
import time

EVENTS = "/run/undertone/undertone.sock"
CONTROL = "/run/undertone/control.sock"


class Client:
    """Connects, subscribes, and collects lines in a thread until the daemon closes."""

    def __init__(self, events=(), path=EVENTS, reads=True):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.lines = []
        self.broken = 0
        self.closed = threading.Event()
        if events:
            self.send({"type": "subscribe", "id": 1, "events": list(events)})
        if reads:
            threading.Thread(target=self._collect, daemon=True).start()

    def send(self, message):
        self.socket.sendall(json.dumps(message).encode() + b"\n")

    def _collect(self):
        rest = b""
        try:
            while data := self.socket.recv(65536):
                *whole, rest = (rest + data).split(b"\n")
                self._take(whole)
        except OSError:
            pass
        # A line that was cut off.
        self.broken += bool(rest)
        self.closed.set()

    def _take(self, lines):
        for line in lines:
            try:
                self.lines.append((time.monotonic(), json.loads(line)))
            except ValueError:
                self.broken += 1

    def of(self, kind):
        return [message for _, message in list(self.lines) if message.get("type") == kind]

    def wait_for(self, kind, seconds=10, count=1):
        """Waits for the `count`th message of a kind."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = self.of(kind)
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.005)
        raise TimeoutError(f"{kind}: timed out after {seconds} s; last lines {self.lines[-3:]}")

    def close(self):
        # `close` alone would leave the thread waiting in `recv` and the connection open.
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def greeting(seconds=30, path=EVENTS):
    """Connects once and waits for `hello`: what a new client sees. Returns it; raises what connecting raises."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as one:
        one.settimeout(seconds)
        one.connect(path)
        data = b""
        while not data.endswith(b"\n"):
            more = one.recv(65536)
            if not more:
                raise ConnectionResetError("closed before hello")
            data += more
        return json.loads(data.split(b"\n")[0])


def command(verb, seconds=10, path=CONTROL, **fields):
    """Sends one command to a control socket and returns the answer."""
    client = Client(path=path)
    try:
        client.send({"type": verb, "id": 7, **fields})
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for _, message in list(client.lines):
                if message.get("id") == 7 or message.get("type") in (verb, "error"):
                    return message
            time.sleep(0.005)
        raise TimeoutError(f"{verb}: no answer, but {client.lines}")
    finally:
        client.close()


class Knocker(threading.Thread):
    """Connects again and again, as many clients that come would, and counts who is refused."""

    def __init__(self, path=EVENTS):
        super().__init__(daemon=True)
        self.path, self.knocks, self.refused, self.stopping = path, 0, [], False

    def run(self):
        while not self.stopping:
            one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            # Without a timeout: with a full queue, such a client waits, while others get EAGAIN.
            try:
                one.connect(self.path)
            except OSError as error:
                self.refused.append(error)
            self.knocks += 1
            one.close()
            time.sleep(0.002)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.join()


class Crowd(threading.Thread):
    """Many clients in one thread, which only count: a thread for each would starve the daemon that they watch."""

    def __init__(self, count, subscription, path=EVENTS):
        super().__init__(daemon=True)
        self.lines, self.gaps, self.lost, self.stopping = 0, 0, 0, False
        self.selector = selectors.DefaultSelector()
        request = json.dumps({"type": "subscribe", "id": 1, **subscription}).encode() + b"\n"
        for _ in range(count):
            one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            one.connect(path)
            one.sendall(request)
            self.selector.register(one, selectors.EVENT_READ)

    def run(self):
        while not self.stopping:
            for key, _ in self.selector.select(0.1):
                data = key.fileobj.recv(262_144)
                if not data:
                    self.lost += 1
                    self.selector.unregister(key.fileobj)
                self.lines += data.count(b"\n")
                self.gaps += data.count(b'"type":"gap"')

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopping = True
        self.join()
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()
