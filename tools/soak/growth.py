# SPDX-License-Identifier: Apache-2.0
"""Growth of a daemon's memory, with the accuracy to which a run shows it.

Resident memory moves by some hundred KiB with load and with the number of clients, so single values say little. A leak
raises the floor: the smallest value of each five minutes. The slope of these floors and its standard error show how much of
a slope may be chance. The verdict does not depend on them: a run fails if the slope of all values is above the limit.

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
    count, steepness = len(points), slope(points)
    middle = sum(x for x, _ in points) / count
    mean = sum(y for _, y in points) / count
    spread = sum((x - middle) ** 2 for x, _ in points)
    rest = sum((y - mean - steepness * (x - middle)) ** 2 for x, y in points)
    return steepness, (rest / (count - 2) / spread) ** 0.5


def slope(points):
    """Slope of the least-squares line through `points` (x, y)."""
    count = len(points)
    middle_x = sum(x for x, _ in points) / count
    middle_y = sum(y for _, y in points) / count
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / spread if spread else 0.0


def all_values(rows):
    """Slope of all values after the warm-up, in KiB an hour; None for a run with fewer than four floors."""
    points = [(row["seconds"] / 3_600, row["rss_kib"]) for row in rows if row["seconds"] >= WARM_UP_SECONDS]
    return slope(points) if len(floors(rows)) >= 4 else None


def fits(rows):
    """True if the slope of all values is within the limit, or the run is too short to tell."""
    found = all_values(rows)
    return found is None or found <= LIMIT_KIB_PER_HOUR


def text(rows):
    """Both figures, for a summary."""
    figures = growth(rows)
    if figures is None:
        return "too short for a slope"
    return f"{all_values(rows):+.0f} KiB an hour; floors {figures[0]:+.0f} ± {figures[1]:.0f}"


def main():
    for path in sys.argv[1:]:
        with open(path, newline="") as file:
            rows = [
                {"seconds": float(row["seconds"]), "rss_kib": int(row["rss_kib"])}
                for row in csv.DictReader(file)
                if row["rss_kib"]
            ]
        print(f"{path}: {text(rows)}; {'within' if fits(rows) else 'above'} the limit of {LIMIT_KIB_PER_HOUR:.0f}")


if __name__ == "__main__":
    main()
