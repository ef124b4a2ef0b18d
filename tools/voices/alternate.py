#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the accuracy gain for a known voice in one stream: clips of the speakers of a corpus, alternating and
alone.

    tools/voices/alternate.py --corpus DIR/tess [--clips 150] [--seed 1] [--model free] [--speakers rav01,rav02]

Each clip is followed by a second of silence; `undertone listen FILE --json` processes the whole stream, and the final
estimate that lies in a clip is its answer. Prints the UAR of all clips and of those after the first quarter, and of every
clip analysed by itself, where no voice is known. Needs numpy and soundfile.
"""
import argparse
import csv
import json
import pathlib
import random
import subprocess
import tempfile

import numpy as np
import soundfile

RATE = 16_000
LABELS = {
    "neutral": "neutral", "calm": "neutral", "happy": "happy", "sad": "sad", "angry": "angry", "fear": "fearful",
    "fearful": "fearful", "disgust": "disgusted", "disgusted": "disgusted", "surprise": "surprised",
    "surprised": "surprised",
}


def recall(rows, answers):
    """Unweighted average recall over the classes of the rows."""
    right = {}
    for row, answer in zip(rows, answers):
        truth = LABELS[row["label"].lower()]
        right.setdefault(truth, []).append(answer == truth)
    return float(np.mean([np.mean(hits) for hits in right.values()]))


def stream(rows, folder, command):
    """The label of each clip in one stream; None if it has no estimate."""
    silence = np.zeros(RATE, np.float32)
    parts, spans, end = [], [], 0
    for row in rows:
        samples, rate = soundfile.read(folder / row["path"], dtype="float32")
        if rate != RATE:
            raise SystemExit(f"{row['path']}: {rate} Hz, not {RATE}")
        spans.append((end / RATE, (end + len(samples)) / RATE))
        parts += [samples, silence]
        end += len(samples) + RATE
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        soundfile.write(file.name, np.concatenate(parts), RATE, subtype="PCM_16")
        output = subprocess.run(command("listen") + [file.name, "--json"], capture_output=True, text=True, check=True)
    labels = [None] * len(rows)
    for line in map(json.loads, output.stdout.splitlines()):
        if line.get("type") == "estimate" and line.get("final"):
            middle = sum(line["span"]) / 2
            for index, (first, last) in enumerate(spans):
                if first - 0.2 <= middle <= last + 0.2:
                    labels[index] = line["label"]
    return labels


def report(name, rows, folder, command):
    labels = stream(rows, folder, command)
    later = len(rows) // 4
    print(f"{name}: UAR {recall(rows, labels):.3f}, after the first quarter {recall(rows[later:], labels[later:]):.3f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=pathlib.Path, required=True)
    parser.add_argument("--clips", type=int, default=150, help="clips of each speaker")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--model", help="a model that was not trained on these speakers; default: the bundled model")
    parser.add_argument("--speakers", help="separated by commas; default: all")
    parser.add_argument("--undertone", default=".build/release/undertone")
    options = parser.parse_args()
    model = ["--model", options.model] if options.model else []

    def command(verb):
        return [options.undertone, verb, *model]

    chance = random.Random(options.seed)
    with open(options.corpus / "manifest.csv", newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["label"].lower() in LABELS]
    speakers = sorted({row["speaker"] for row in rows})
    if options.speakers:
        asked = options.speakers.split(",")
        if not set(asked) <= set(speakers):
            raise SystemExit(f"--speakers: {sorted(set(asked) - set(speakers))} are not in {options.corpus}")
        speakers = asked
    chosen = []
    for speaker in speakers:
        own = [row for row in rows if row["speaker"] == speaker]
        chosen += chance.sample(own, min(options.clips, len(own)))
    chance.shuffle(chosen)
    report(f"{len(speakers)} voices in turn", chosen, options.corpus, command)
    for speaker in speakers:
        own = [row for row in chosen if row["speaker"] == speaker]
        report(f"{speaker} alone", own, options.corpus, command)
    paths = [str(options.corpus / row["path"]) for row in chosen]
    output = subprocess.run(command("analyze") + ["--json", *paths], capture_output=True, text=True, check=True)
    labels = [json.loads(line)["label"] for line in output.stdout.splitlines()]
    print(f"each clip by itself, voice unknown: UAR {recall(chosen, labels):.3f}")


if __name__ == "__main__":
    main()
