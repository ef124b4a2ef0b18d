# SPDX-License-Identifier: Apache-2.0
"""A CSV line about a daemon each second, for a soak."""

import csv
import threading
import time

from rig.daemon import Lines

COLUMNS = [
    "seconds",
    "fault",
    "capture",
    "rss_kib",
    "descriptors",
    "threads",
    "cpu_percent",
    "lag_ms",
    "audio_age_ms",
    "captured",
    "consumed",
    "lost",
    "missed_s",
    "clients",
    "subscriptions",
    "dropped_messages",
]


class Record(threading.Thread):
    """Values from the kernel, and from the daemon if it can answer."""

    def __init__(self, daemon, path, lag):
        super().__init__(daemon=True)
        self.daemon_process, self.lag = daemon, lag
        self.file = open(path, "w", newline="")
        self.writer = csv.DictWriter(self.file, COLUMNS, lineterminator="\n")
        self.writer.writeheader()
        self.rows = []
        self.ages = []  # Of estimates, in milliseconds; noted by who knows when nothing was wrong.
        self.fault = ""
        self.control = None
        self.begin = time.monotonic()
        self.stopping = threading.Event()
        self.start()

    def run(self):
        before, at = self.daemon_process.cpu_seconds(), time.monotonic()
        while not self.stopping.wait(max(0.0, self.begin + len(self.rows) + 1 - time.monotonic())):
            if not self.daemon_process.is_alive():
                return
            used, now = self.daemon_process.cpu_seconds(), time.monotonic()
            row = {
                "seconds": round(now - self.begin, 1),
                "fault": self.fault,
                "rss_kib": self.daemon_process.rss_kib(),
                "descriptors": self.daemon_process.descriptors(),
                "threads": self.daemon_process.threads(),
                "cpu_percent": round(100 * (used - before) / (now - at), 1),
                "lag_ms": self.lag(),
            }
            before, at = used, now
            answer = self.ask()
            row |= {key: answer[key] for key in COLUMNS if key in answer}
            self.rows.append(row)
            self.writer.writerow(row)
            self.file.flush()

    def ask(self):
        """Values from the daemon's `status`; none from a stopped daemon."""
        try:
            if self.control is None:
                self.control = Lines(self.daemon_process.control_path, timeout=0.5)
                self.control.next()
            self.control.send(type="status", id=2)
            while (answer := self.control.next()) is not None:
                if answer["type"] == "status":
                    return answer
        except OSError:
            pass
        if self.control:
            self.control.close()
        self.control = None
        return {}

    def stop(self):
        self.stopping.set()
        self.join()
        self.file.close()


def quantile(values, fraction):
    values = sorted(values)
    return values[int((len(values) - 1) * fraction)] if values else float("nan")
