# SPDX-License-Identifier: Apache-2.0
"""The rows of the fault table, and the balance that each row must keep."""

import time

from .daemon import Failed, require

ROWS = []

# Factor for each time limit: 1 on an idle machine.
patience = 1.0

# An estimate each 50 ms, so that a recovery is not hidden between two of them.
FINE = ("--estimates-interval-ms", "50")


class Skipped(Exception):
    """A row that this machine cannot run, with the reason."""


class Row:
    def __init__(self, number, fault, promise, run):
        self.number, self.fault, self.promise, self.run = number, fault, promise, run


def row(number, fault, promise):
    """Registers a function that injects one fault. It returns the worst recovery in seconds (or None) and a note."""

    def register(run):
        ROWS.append(Row(number, fault, promise, run))
        return run

    return register


def balance(daemon, listener):
    """Checks that no loss is unreported: mutes the microphone; then each captured sample must be consumed or reported
    as lost, exactly, by the daemon that was started."""
    require(daemon.is_alive(), f"the daemon ended: {daemon.log()[-300:]}")
    answer = daemon.ask("mute")
    require(answer["type"] == "ack", f"mute was refused: {answer}")
    end = time.monotonic() + 3
    while True:
        status = daemon.status()
        lost = listener.exactly_lost()
        if status["captured"] == status["consumed"] + lost and status["muted"]:
            break
        if time.monotonic() > end:
            raise Failed(
                f"captured {status['captured']} = consumed {status['consumed']} + reported {lost} is off by "
                f"{status['captured'] - status['consumed'] - lost}"
            )
        time.sleep(0.02)
    require(listener.holes == 0, f"the client's numbers have {listener.holes} holes")
    return lost


def within(limit, seconds, what):
    """Compares a measured time with its limit."""
    require(seconds <= limit * patience, f"{what} after {milliseconds(seconds)}, limit {milliseconds(limit)}")


def milliseconds(seconds):
    return f"{seconds * 1000:.0f} ms"
