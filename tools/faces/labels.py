# SPDX-License-Identifier: Apache-2.0
"""Reliability of labels from action units, on RAVDESS: the figures of Corpora's page on faces.

    venv/bin/python labels.py DATA FOLDS.csv        with ravdess_openface_au and ravdess_au_summary in DATA

Movement: correlation, within actors, of OpenFace's values of a clip with the spread over time from another tracker.
Prototypes: agreement of the labels from both trackers when the rule or a prototype is changed. Units: information of
the intensities about the emotion, over the published folds.
"""

import argparse
import csv
import pathlib

import numpy as np
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, normalized_mutual_info_score, recall_score

# Names of one class in both tables.
SAME = {"calm": "neutral", "fear": "fearful", "disgust": "disgusted", "surprise": "surprised"}

PROTOTYPES = {
    "happy": [6, 12],
    "sad": [1, 4, 15],
    "angry": [4, 5, 7, 23],
    "fearful": [1, 2, 4, 5, 20, 25],
    "disgusted": [4, 10, 17],
    "surprised": [1, 2, 5, 26],
}


class Table:
    """One tracker's statistics of clips."""

    def __init__(self, file):
        with open(file, newline="") as lines:
            self.rows = list(csv.DictReader(lines))
        self.paths = [row["path"] for row in self.rows]
        self.speakers = np.array([row["speaker"] for row in self.rows])
        self.emotions = np.array([SAME.get(row["label"], row["label"]) for row in self.rows])

    def columns(self, suffix):
        """The columns AUnn + suffix by unit."""
        names = [name for name in self.rows[0] if name.startswith("AU") and name.endswith(suffix)]
        return {int(name[2:4]): np.array([float(row[name]) for row in self.rows]) for name in names}

    def within(self, values, change):
        """`change` applied to the values of each speaker."""
        result = np.empty(len(values))
        for speaker in set(self.speakers):
            chosen = self.speakers == speaker
            result[chosen] = change(values[chosen])
        return result


def scaled(values):
    """0 at the 10 % quantile and below, 1 at the 95 % quantile and above."""
    low, high = np.quantile(values, [0.10, 0.95])
    return np.clip((values - low) / max(high - low, 0.05), 0, 1)


def standardised(values):
    """Zero mean and unit spread; noise of a unit that hardly moves is not amplified."""
    return (values - values.mean()) / (values.std() + 0.05)


def labels(table, units, prototypes, contrast=False, margin=0.0, quantile=0.8):
    """The label of each clip, an index of prototypes; their number is "none"."""
    shared = sorted(units)
    intensity = np.stack([table.within(units[unit], scaled) for unit in shared], 1)
    scores = []
    for prototype in prototypes.values():
        inside = np.isin(shared, prototype)
        score = intensity[:, inside].mean(1)
        scores.append(score - intensity[:, ~inside].mean(1) if contrast else score)
    excess = np.stack(scores, 1) - np.quantile(scores, quantile, axis=1)
    second, best = np.sort(excess, 1)[:, -2:].T
    return np.where((best > 0) & (best - second >= margin), excess.argmax(1), len(prototypes))


def information(first, second):
    return normalized_mutual_info_score(first, second, average_method="geometric")


def movement(openface, other):
    """Correlations within actors with the other tracker's spread."""
    place = [openface.paths.index(path) for path in other.paths]
    spread = sum(other.columns("_std").values())
    presence, mean = openface.columns("_c"), openface.columns("_r")
    witnesses = {
        "presence spread": sum(np.sqrt(share * (1 - share)) for share in presence.values()),
        "mean of means": sum(mean.values()),
        "mean of means over their spread": sum(values / values.std() for values in mean.values()),
    }
    for name, values in witnesses.items():
        centred = [other.within(v, lambda own: own - own.mean()) for v in (values[place], spread)]
        print(f"{name:34} r {np.corrcoef(*centred)[0, 1]:.2f}")


def prototypes(openface, other):
    """Agreement of both trackers on the label of a clip, and of OpenFace's label with the intended emotion."""
    place = [openface.paths.index(path) for path in other.paths]
    ours, theirs = openface.columns("_r"), other.columns("_mean")
    common = (ours.keys() & theirs.keys()) - {45}
    ours, theirs = ({unit: units[unit] for unit in common} for units in (ours, theirs))
    variants = {
        "as shipped": dict(prototypes=PROTOTYPES),
        "disgusted 9+10+17": dict(prototypes=PROTOTYPES | {"disgusted": [9, 10, 17]}),
        "minus the other units": dict(prototypes=PROTOTYPES, contrast=True),
        "margin 0.03": dict(prototypes=PROTOTYPES, margin=0.03),
    }
    for name, rule in variants.items():
        first, second = labels(openface, ours, **rule), labels(other, theirs, **rule)
        kappa = cohen_kappa_score(first[place], second)
        same = np.sum(first[place] == second)
        print(f"{name:34} kappa {kappa:.2f}  same {same}  intended {information(first, openface.emotions):.2f}")


def units(openface, folds):
    """Information of the speaker-scaled means about the emotion."""
    intensity = np.stack([openface.within(v, standardised) for v in openface.columns("_r").values()], 1)
    fold = np.array([folds[speaker] for speaker in openface.speakers])
    guess = openface.emotions.copy()
    for index in set(fold):
        model = LogisticRegression(max_iter=2000, C=0.3, class_weight="balanced")
        model.fit(intensity[fold != index], openface.emotions[fold != index])
        guess[fold == index] = model.predict(intensity[fold == index])
    recall = recall_score(openface.emotions, guess, average="macro")
    clusters = KMeans(7, n_init=10, random_state=0).fit_predict(intensity)
    print(f"{'logistic regression on units':34} UAR {recall:.2f}")
    print(f"{'seven clusters of units':34} intended {information(clusters, openface.emotions):.2f}")


def main():
    parser = argparse.ArgumentParser(description="How far labels made of action units can be trusted, on RAVDESS.")
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument("folds", type=pathlib.Path, help="configs/folds/ravdess5.csv")
    arguments = parser.parse_args()
    openface = Table(arguments.data / "ravdess_openface_au" / "manifest.csv")
    other = Table(arguments.data / "ravdess_au_summary" / "manifest.csv")
    with open(arguments.folds, newline="") as lines:
        folds = {row["speaker"]: int(row["test_fold"]) for row in csv.DictReader(lines)}
    movement(openface, other)
    prototypes(openface, other)
    units(openface, folds)


if __name__ == "__main__":
    main()
