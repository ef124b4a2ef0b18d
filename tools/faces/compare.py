# SPDX-License-Identifier: Apache-2.0
"""Compares two sets of face series: files with the same names in two folders.

    venv/bin/python compare.py FIRST SECOND

Prints for each file the mean and the largest distance of a landmark in pixels and in eye distances (outer corners),
and the correlation of the landmarks' paths (each coordinate without its mean) and of their speed from frame to frame.
"""

import argparse
import csv
import pathlib

import numpy as np

POINTS = 68


def landmarks(path):
    """The picture landmarks of a file, [frames, 68, 2]."""
    with open(path, newline="") as file:
        rows = [{name.strip(): value for name, value in row.items()} for row in csv.DictReader(file)]
    return np.array([[[float(row[f"{axis}_{k}"]) for axis in "xy"] for k in range(POINTS)] for row in rows])


def correlation(first, second):
    """Pearson's correlation of all values together."""
    return np.corrcoef(first.ravel(), second.ravel())[0, 1]


def agreement(first, second):
    """Mean and largest distance in pixels, mean in eye distances, correlation of paths and of speeds."""
    distance = np.linalg.norm(first - second, axis=2)
    eyes = np.linalg.norm(second[:, 45] - second[:, 36], axis=1).mean()
    paths = correlation(first - first.mean(0), second - second.mean(0))
    speeds = correlation(*(np.linalg.norm(np.diff(points, axis=0), axis=2) for points in (first, second)))
    return distance.mean(), distance.max(), distance.mean() / eyes, paths, speeds


def main():
    parser = argparse.ArgumentParser(description="Compare face series of the same names in two folders.")
    parser.add_argument("first", type=pathlib.Path)
    parser.add_argument("second", type=pathlib.Path)
    arguments = parser.parse_args()
    names = sorted(path.name for path in arguments.first.glob("*.csv") if (arguments.second / path.name).exists())
    if not names:
        parser.error("no file of the first folder is in the second")
    print(f"{'file':24} {'mean px':>8} {'max px':>8} {'of eyes':>8} {'paths r':>8} {'speeds r':>8}")
    figures = []
    for name in names:
        pair = [landmarks(folder / name) for folder in (arguments.first, arguments.second)]
        length = min(map(len, pair))
        figures.append(agreement(pair[0][:length], pair[1][:length]))
        print(f"{name:24} " + " ".join(f"{figure:8.3f}" for figure in figures[-1]))
    print(f"{'mean':24} " + " ".join(f"{figure:8.3f}" for figure in np.mean(figures, axis=0)))


if __name__ == "__main__":
    main()
