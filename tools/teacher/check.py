# SPDX-License-Identifier: Apache-2.0
"""Checks that a teacher table is complete, has the right sizes and is finite.

    venv/bin/python check.py TABLE [--data DATA]

With --data it also compares the clips with the manifests of the corpora, and checks each clip's number of frames.
Prints a line for each corpus; exit status 1 and a message at the first error.
"""

import argparse
import json
import pathlib

import numpy as np
import soundfile

import table

TEXTS, NUMBERS = ("encoder", "licence", "source", "sha256", "layers"), ("vector_size", "frame_ms")


def described(folder):
    """Content of table.json."""
    path = folder / "table.json"
    if not path.is_file():
        raise table.Failure(f"{path}: no such file; name the folder that an encoder wrote with --out")
    try:
        content = json.loads(path.read_text())
    except ValueError as error:
        raise table.Failure(f"{path}: not JSON ({error}); run the encoder again with an empty --out") from None
    if not isinstance(content, dict) or content.get("format") != table.FORMAT:
        raise table.Failure(f"{path}: not of format '{table.FORMAT}'; run this version's encoder with an empty --out")
    for key in TEXTS + NUMBERS:
        kind = str if key in TEXTS else int
        if type(content.get(key)) is not kind or not content[key]:
            raise table.Failure(f"{path}: '{key}' is missing or of the wrong kind; correct it as README.md says")
    check_statistics(path, content)
    return content


def check_statistics(path, content):
    if "mean" not in content:
        raise table.Failure(f"{path}: no 'mean', so the run did not finish; run the same command again")
    for key in ("mean", "deviation"):
        size, values = content["vector_size"], np.array(content.get(key), np.float64)
        if values.shape != (size,) or not np.isfinite(values).all():
            raise table.Failure(f"{path}: '{key}' is not {size} finite numbers; delete the file and run again")
    if min(content["deviation"]) <= 0:
        raise table.Failure(f"{path}: a deviation is not above 0; delete the file and run again")


def check_corpus(folder, corpus, content):
    """Clips and frames of a corpus, after a check of every number."""
    rows, vectors = table.read_rows(folder / f"{corpus}.csv"), folder / f"{corpus}.f16"
    if not vectors.is_file():
        raise table.Failure(f"{vectors}: no such file; run the encoder again")
    short = next((path for path, frames in rows if frames < 1), None)
    if short is not None:
        raise table.Failure(f"{folder / corpus}.csv: {short} has no frames; delete the file and run the encoder again")
    if len({path for path, _ in rows}) != len(rows):
        raise table.Failure(f"{folder / corpus}.csv: a clip is listed twice; delete the file and run the encoder again")
    frames = sum(count for _, count in rows)
    needed, size = frames * content["vector_size"] * table.VECTOR.itemsize, vectors.stat().st_size
    if size != needed:
        raise table.Failure(f"{vectors}: {size} bytes, {frames} frames need {needed}; run the encoder again")
    check_finite(vectors, rows, content["vector_size"])
    return rows


def check_finite(path, rows, size):
    vectors = np.memmap(path, table.VECTOR, "r").reshape(-1, size)
    start = 0
    for clip, frames in rows:
        if not np.isfinite(vectors[start : start + frames]).all():
            raise table.Failure(f"{path}: the vectors of {clip} are not finite; delete the file and run again")
        start += frames


def check_clips(data, corpus, rows, frame_ms):
    """Compares a corpus with its manifest and its audio."""
    if [path for path, _ in rows] != table.clip_paths(data, corpus):
        raise table.Failure(f"{corpus}: the clips are not those of the manifest in {data}; run the encoder again")
    for path, frames in rows:
        expected = table.frame_count(soundfile.info(data / corpus / path).frames, frame_ms)
        if frames != expected:
            raise table.Failure(f"{corpus}/{path}: {frames} frames, the audio has {expected}; run the encoder again")


def main():
    parser = argparse.ArgumentParser(description="Check a teacher table.")
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, help="corpora to compare with")
    arguments = parser.parse_args()
    content = described(arguments.table)
    print("{encoder}, layers {layers}: {vector_size} numbers every {frame_ms} ms".format(**content))
    corpora = sorted(path.stem for path in arguments.table.glob("*.csv"))
    if not corpora:
        raise table.Failure(f"{arguments.table}: no corpus; run the encoder")
    for corpus in corpora:
        rows = check_corpus(arguments.table, corpus, content)
        if arguments.data:
            check_clips(arguments.data, corpus, rows, content["frame_ms"])
        frames = sum(count for _, count in rows)
        print(f"{corpus}: {len(rows)} clips, {frames} frames, {frames * content['frame_ms'] / 3_600_000:.2f} h")


if __name__ == "__main__":
    table.main(main)
