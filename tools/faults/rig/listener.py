# SPDX-License-Identifier: Apache-2.0
"""Clients: one that keeps books, and a crowd."""

import threading
import time

from .daemon import Failed, Lines, require


class Listener(threading.Thread):
    """A good client that notes when each message came and whether its numbers have a hole."""

    def __init__(self, path, events=("estimate", "utterance", "vad", "state", "overrun"), name="listener"):
        super().__init__(daemon=True)
        self.lines = Lines(path, timeout=None)
        self.hello = self.lines.next()
        self.lines.send(type="subscribe", id=1, events=list(events), name=name)
        while (answer := self.lines.next()).get("type") != "ack":
            require(answer.get("type") != "error", f"subscribing was refused: {answer}")
        self.changed = threading.Condition()
        self.messages = []
        self.holes = self.dropped = self.lost = 0
        self.ended = False
        self.expected = 1
        self.start()

    def run(self):
        try:
            while (message := self.lines.next()) is not None:
                self.take(time.monotonic(), message)
        except (OSError, ValueError):
            pass
        with self.changed:
            self.ended = True
            self.changed.notify_all()

    def take(self, moment, message):
        with self.changed:
            self.messages.append((moment, message))
            if message["type"] == "overrun" and message["exact"]:
                self.lost += message["samples"]
            if message["type"] == "gap" and "to" in message:
                self.holes += message["from"] != self.expected
                self.dropped += message["dropped"]
                self.expected = message["to"] + 1
            elif "n" in message:
                self.holes += message["n"] != self.expected
                self.expected = message["n"] + 1
            self.changed.notify_all()

    def forget(self, before):
        """Drops earlier messages, so that a long run does not use more memory."""
        with self.changed:
            self.messages = [entry for entry in self.messages if entry[0] >= before]

    def since(self, moment, type=None):
        with self.changed:
            return [(t, m) for t, m in self.messages if t >= moment and type in (None, m["type"])]

    def wait(self, wanted, since, seconds, what):
        """The time and the first message from `since` on for which `wanted` is true."""
        end = time.monotonic() + seconds
        seen = 0
        with self.changed:
            while True:
                for moment, message in self.messages[seen:]:
                    if moment >= since and wanted(message):
                        return moment, message
                seen = len(self.messages)
                left = end - time.monotonic()
                if left <= 0 or self.ended:
                    raise Failed(f"{what}: timed out after {seconds:g} s")
                self.changed.wait(left)

    def wait_state(self, word, since, seconds):
        return self.wait(lambda m: m["type"] == "state" and m["capture"] == word, since, seconds, f"state '{word}'")[0]

    def wait_fresh(self, since, seconds=20):
        """Seconds from `since` to the first estimate of new audio."""
        with self.changed:
            old = [m["span"][1] for t, m in self.messages if t < since and m["type"] == "estimate"]
        heard = max(old, default=-1)
        moment, _ = self.wait(lambda m: m["type"] == "estimate" and m["span"][1] > heard, since, seconds, "an estimate")
        return moment - since

    def exactly_lost(self):
        """Samples that were handed to the daemon and reported as lost, since this client came."""
        with self.changed:
            return self.lost

    def close(self):
        self.lines.close()
