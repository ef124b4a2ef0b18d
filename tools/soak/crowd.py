# SPDX-License-Identifier: Apache-2.0
"""Many clients in one thread: good ones that keep books, two that stand still, and some that come and go."""

import json
import select
import selectors
import socket
import threading
import time

SUBSCRIBE = b'{"type":"subscribe","id":1,"name":"crowd"}\n'


class Client:
    """One connection, and what it was told."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.socket.setblocking(False)
        self.socket.send(SUBSCRIBE)
        self.pending, self.expected = b"", 1
        self.lines = self.holes = self.dropped = 0
        self.last = None
        self.ended = False
        self.leaves_at = None

    def read(self):
        try:
            chunk = self.socket.recv(1 << 16)
        except BlockingIOError:
            return
        except ConnectionResetError:
            chunk = b""
        self.ended = not chunk
        *lines, self.pending = (self.pending + chunk).split(b"\n")
        for line in lines:
            self.take(json.loads(line))

    def take(self, message):
        self.lines += 1
        self.last = message
        if message["type"] == "gap" and "to" in message:
            self.holes += message["from"] != self.expected
            self.dropped += message["dropped"]
            self.expected = message["to"] + 1
        elif "n" in message:
            self.holes += message["n"] != self.expected
            self.expected = message["n"] + 1


class Crowd(threading.Thread):
    """`good` clients that must lose nothing; `stopped` ones, closed and back again; `churn` new ones a second."""

    def __init__(self, path, good=20, stopped=2, churn=5):
        super().__init__(daemon=True)
        self.path, self.churn = path, churn
        self.selector = selectors.DefaultSelector()
        self.good = [self.join_in() for _ in range(good)]
        self.passing = []
        self.standing = [Client(path) for _ in range(stopped)]
        self.visits = self.evicted = self.untold = self.refused = 0
        self.stopping = threading.Event()
        self.start()

    def join_in(self):
        client = Client(self.path)
        self.selector.register(client.socket, selectors.EVENT_READ, client)
        return client

    def run(self):
        next_visit = time.monotonic()
        while not self.stopping.is_set():
            for key, _ in self.selector.select(0.1):
                key.data.read()
                if key.data.ended:
                    self.selector.unregister(key.fileobj)
            if self.churn and time.monotonic() >= next_visit:
                next_visit = time.monotonic() + 1 / self.churn
                self.visit()
                self.look_after_the_standing()

    def visit(self):
        """Connects one more client for a second; disconnects those whose second is over."""
        try:
            client = self.join_in()
        except OSError:
            self.refused += 1
            return
        self.visits += 1
        client.leaves_at = time.monotonic() + 1
        self.passing.append(client)
        while self.passing and self.passing[0].leaves_at <= time.monotonic():
            leaving = self.passing.pop(0)
            if not leaving.ended:
                self.selector.unregister(leaving.socket)
            leaving.socket.close()

    def look_after_the_standing(self):
        """Who stood too long was closed; he must find whole lines, what he lost, and why."""
        for index, client in enumerate(self.standing):
            if not has_ended(client.socket):
                continue
            while not client.ended:
                client.read()
            self.evicted += 1
            told = client.last and client.last["type"] == "bye" and client.last["why"] == "slow_client"
            self.untold += not told or client.holes > 0 or client.pending != b""
            client.socket.close()
            try:
                self.standing[index] = Client(self.path)
            except OSError:
                self.refused += 1

    def stop(self):
        self.stopping.set()
        self.join()

    def losses(self):
        """Good clients' holes and lost messages, and how many of them were closed."""
        return (
            sum(client.holes for client in self.good),
            sum(client.dropped for client in self.good),
            sum(client.ended for client in self.good),
        )


def has_ended(connection):
    """True if the daemon has closed the connection; reads nothing."""
    poller = select.poll()
    poller.register(connection, 0)
    return any(events & select.POLLHUP for _, events in poller.poll(0))
