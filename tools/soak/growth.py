# SPDX-License-Identifier: Apache-2.0
"""Growth of a daemon's memory, with the accuracy to which a run shows it.

Resident memory moves by some hundred KiB with load and with the number of clients, so single values say little. A leak
raises the floor: the smallest value of each five minutes. The slope of these floors has a standard error; a run fails if
growth above the limit is certain (two standard errors), and its summary prints both figures.

    tools/soak/growth.py SOAK.csv ...      the figures of earlier runs
"""

import csv
import sys

WARM_UP_SECONDS = 600
FLOOR_SECONDS = 300
LIMIT_KIB_PER_HOUR = 1_024 / 24  # 1 MiB a day


def floors(rows):
    """(hours, KiB) of the smallest resident memory in each five minutes after the warm-up."""
    smallest = {}
    for row in rows:
        if row["seconds"] >= WARM_UP_SECONDS:
            place = int(row["seconds"] // FLOOR_SECONDS)
            smallest[place] = min(row["rss_kib"], smallest.get(place, row["rss_kib"]))
    return [((place + 0.5) * FLOOR_SECONDS / 3_600, kib) for place, kib in sorted(smallest.items())]


def growth(rows):
    """Slope and its standard error in KiB an hour; None for a run with fewer than four floors."""
    points = floors(rows)
    if len(points) < 4:
        return None
    count = len(points)
    middle = sum(x for x, _ in points) / count
    mean = sum(y for _, y in points) / count
    spread = sum((x - middle) ** 2 for x, _ in points)
    slope = sum((x - middle) * (y - mean) for x, y in points) / spread
    rest = sum((y - mean - slope * (x - middle)) ** 2 for x, y in points)
    return slope, (rest / (count - 2) / spread) ** 0.5


def fits(figures):
    """Whether growth above the limit is not certain."""
    return figures is None or figures[0] - 2 * figures[1] <= LIMIT_KIB_PER_HOUR


def main():
    for path in sys.argv[1:]:
        with open(path, newline="") as file:
            rows = [
                {"seconds": float(row["seconds"]), "rss_kib": int(row["rss_kib"])}
                for row in csv.DictReader(file)
                if row["rss_kib"]
            ]
        figures = growth(rows)
        shown = "too short" if figures is None else f"{figures[0]:+.0f} ± {figures[1]:.0f} KiB an hour"
        print(f"{path}: {shown}, {'fits' if fits(figures) else 'grows'} (limit {LIMIT_KIB_PER_HOUR:.0f})")


if __name__ == "__main__":
    main()
