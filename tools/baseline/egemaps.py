# SPDX-License-Identifier: Apache-2.0
"""The usual baseline: openSMILE's eGeMAPSv02 functionals and a linear classifier, on the folds of a list.

    venv/bin/python egemaps.py --data DATA --folds ../../configs/folds/ravdess5.csv --corpus ravdess

For each fold, the classifier is trained on all speakers that the fold does not test. Their clips standardise the
features; the complexity is the one with the best mean UAR over inner folds without common speakers. Prints UAR and
macro-F1, mean and deviation over the folds, as text, or with --json as JSON.
"""

import argparse
import csv
import json
import pathlib
import sys

import numpy as np
import opensmile
import soundfile
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, recall_score
from sklearn.model_selection import GridSearchCV, GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

WORDS = {
    "calm": "neutral", "fear": "fearful", "disgust": "disgusted", "surprise": "surprised",
    "happiness": "happy", "sadness": "sad", "anger": "angry",
}
EMOTIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
INNER = 4
COMPLEXITIES = {"svm": np.logspace(-5, -1, 9), "logistic": np.logspace(-4, 1, 11)}


def rows_of(path, columns):
    """Rows of a CSV file that has these columns."""
    if not path.is_file():
        sys.exit(f"error: {path}: no such file")
    with open(path, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or [])]
        if missing:
            sys.exit(f"error: {path}: no column '{missing[0]}'")
        return list(reader)


def read_folds(path):
    """Test fold of each speaker."""
    folds = {}
    for row in rows_of(path, ("speaker", "test_fold")):
        if row["speaker"] in folds or not row["test_fold"].isdigit():
            sys.exit(f"error: {path}: speaker '{row['speaker']}' is listed twice or has no test_fold; correct the row")
        folds[row["speaker"]] = int(row["test_fold"])
    return folds


def read_clips(data, corpus, folds):
    """Clips with one of the seven emotions, as rows with the emotion's name in `label`."""
    manifest = data / corpus / "manifest.csv"
    rows = rows_of(manifest, ("path", "speaker", "label"))
    clips = [{**row, "label": WORDS.get(row["label"], row["label"])} for row in rows]
    clips = [row for row in clips if row["label"] in EMOTIONS]
    unknown = sorted({row["speaker"] for row in clips} - set(folds))
    if unknown:
        sys.exit(f"error: {manifest}: speaker '{unknown[0]}' is not in the fold list; choose the corpus's own list")
    absent = sorted(set(folds) - {row["speaker"] for row in clips})
    if absent:
        sys.exit(f"error: {manifest}: no clip of speaker '{absent[0]}' of the fold list; choose the corpus's own list")
    return clips


def functionals(folder, clips, cache):
    """88 functionals of each clip; computed once if a cache file is named."""
    paths = np.array([row["path"] for row in clips])
    if cache and cache.exists():
        saved = np.load(cache)
        if np.array_equal(saved["paths"], paths):
            return saved["features"]
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    features = np.concatenate([smile.process_signal(*soundfile.read(folder / path)).to_numpy() for path in paths])
    if cache:
        np.savez(cache, paths=paths, features=features)
    return features


def search(name):
    """A linear classifier whose complexity is chosen on speakers that are not in its training data."""
    if name == "svm":
        linear = LinearSVC(class_weight="balanced", dual=False, max_iter=5000)
    else:
        linear = LogisticRegression(class_weight="balanced", max_iter=5000)
    step = type(linear).__name__.lower()
    grid = {f"{step}__C": COMPLEXITIES[name]}
    return GridSearchCV(make_pipeline(StandardScaler(), linear), grid, scoring="recall_macro", cv=GroupKFold(INNER))


def judge_fold(name, fold, features, labels, speakers, tests):
    """Figures of one fold."""
    train, test = tests != fold, tests == fold
    if len(set(speakers[train])) < INNER:
        sys.exit(f"error: fold {fold} leaves fewer than {INNER} speakers for training; use a list with more speakers")
    model = search(name).fit(features[train], labels[train], groups=speakers[train])
    named = model.predict(features[test])
    return {
        "fold": int(fold), "clips": int(test.sum()), "complexity": float(next(iter(model.best_params_.values()))),
        "uar": float(recall_score(labels[test], named, average="macro")),
        "macro_f1": float(f1_score(labels[test], named, average="macro")),
    }


def judge(arguments):
    """Report over all folds."""
    folds = read_folds(arguments.folds)
    clips = read_clips(arguments.data, arguments.corpus, folds)
    features = functionals(arguments.data / arguments.corpus, clips, arguments.cache)
    labels = np.array([row["label"] for row in clips])
    speakers = np.array([row["speaker"] for row in clips])
    tests = np.array([folds[speaker] for speaker in speakers])
    columns = (features, labels, speakers, tests)
    figures = [judge_fold(arguments.classifier, fold, *columns) for fold in sorted(set(tests))]
    report = {"corpus": arguments.corpus, "features": "eGeMAPSv02", "classifier": arguments.classifier}
    report |= {"clips": len(clips), "speakers": len(folds), "classes": len(set(labels)), "folds": figures}
    for key in ("uar", "macro_f1"):
        values = [figure[key] for figure in figures]
        report[key] = {"mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1))}
    return report


def text(report):
    """The report as text."""
    lines = ["{corpus}: {clips} clips, {speakers} speakers, {classes} classes; eGeMAPSv02, {classifier}".format(**report)]
    for figure in report["folds"]:
        line = "fold {fold}: UAR {uar:.3f}, macro-F1 {macro_f1:.3f}, {clips} clips, C {complexity:.2g}"
        lines.append(line.format(**figure))
    for key, name in (("uar", "UAR"), ("macro_f1", "macro-F1")):
        lines.append(f"{name} {report[key]['mean']:.3f} ± {report[key]['deviation']:.3f}")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description="Judge eGeMAPSv02 with a linear classifier.")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with one folder for each corpus")
    parser.add_argument("--folds", type=pathlib.Path, required=True, help="fold list, e.g. configs/folds/ravdess5.csv")
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--classifier", choices=COMPLEXITIES, default="svm", help="default svm")
    parser.add_argument("--cache", type=pathlib.Path, help="file (.npz) that stores the functionals for the next run")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    report = judge(arguments)
    print(json.dumps(report, indent=2) if arguments.json else text(report))


if __name__ == "__main__":
    main()
