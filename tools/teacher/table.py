# SPDX-License-Identifier: Apache-2.0
"""Teacher tables: frame vectors of corpora, in the format that README.md describes.

An encoder is an object with `description` (a dictionary: encoder, licence, source, sha256, layers, vector_size,
frame_ms) and `encode(clips)`, which turns a list of float32 arrays at 16 kHz into a list of arrays [frames,
vector_size]. `run` does the rest: it reads the corpora, writes the files and skips corpora that an earlier run
completed.
"""

import csv
import hashlib
import importlib.metadata
import json
import os
import pathlib
import sys

import numpy as np
import soundfile

FORMAT = "undertone-teacher/1"
RATE = 16_000
VECTOR = np.dtype("<f2")
SHELF, BATCH = 256, 32


class Failure(Exception):
    """An error that the user can fix; its text is the message."""


def frame_count(samples, frame_ms):
    """Number of frames of a clip: the whole frames in it, at least 1."""
    return max(1, samples // (RATE * frame_ms // 1000))


def clip_paths(data, corpus):
    """Paths of the clips of a corpus in the order of its manifest, relative to the corpus's folder."""
    manifest = data / corpus / "manifest.csv"
    if not manifest.is_file():
        raise Failure(f"{manifest}: no such file; --data is the folder that holds one folder for each corpus")
    with open(manifest, newline="", encoding="utf-8") as file:
        rows = csv.DictReader(file)
        if "path" not in (rows.fieldnames or []):
            raise Failure(f"{manifest}: no column 'path'; add one with the clips' paths relative to the manifest")
        paths = [row["path"] for row in rows]
    if not paths:
        raise Failure(f"{manifest}: no clips; remove {corpus} from --corpora")
    return paths


def read_clip(path):
    """Samples of a clip, float32 within ±1."""
    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise Failure(f"{path}: not readable as audio ({error}); replace the file or remove its row") from None
    if rate != RATE or samples.shape[1] != 1:
        raise Failure(f"{path}: {rate} Hz, {samples.shape[1]} channels; convert it to {RATE} Hz mono")
    if len(samples) == 0:
        raise Failure(f"{path}: no samples; replace the file or remove its row")
    return samples[:, 0]


def weights_file(package, version, file, sha256):
    """Path of a weights file in an installed package, after checking its version and content. Imports nothing."""
    try:
        found = importlib.metadata.distribution(package)
    except importlib.metadata.PackageNotFoundError:
        raise Failure(f"{package} is not installed; run pip install --no-deps -r requirements.txt") from None
    if found.version != version:
        raise Failure(f"{package} {found.version} is installed; install {version} as requirements.txt says")
    path = pathlib.Path(found.locate_file(file))
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise Failure(f"{path}: not the published weights of {package} {version}; install the package again")
    return path


def read_rows(path):
    """Clips of a corpus in a table as (path, frames)."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    if not rows or rows[0] != ["path", "frames"]:
        raise Failure(f"{path}: the header is not 'path,frames'; delete the file and run the encoder again")
    try:
        return [(name, int(frames)) for name, frames in rows[1:]]
    except ValueError:
        raise Failure(f"{path}: a row is not a path and a number; delete the file and run the encoder again") from None


class Table:
    """The folder of a table."""

    def __init__(self, folder, description):
        self.folder = folder
        self.description = {"format": FORMAT, **description}

    def open(self):
        """Creates the folder; refuses one that another encoder filled."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "table.json"
        if not path.exists():
            return self.write_json(self.description)
        present = json.loads(path.read_text())
        for key, value in self.description.items():
            if present.get(key) != value:
                raise Failure(f"{path}: {key} is {present.get(key)!r}, this run's is {value!r}; choose another --out")

    def has(self, corpus, paths):
        """True if an earlier run completed exactly these clips."""
        rows, vectors = self.folder / f"{corpus}.csv", self.folder / f"{corpus}.f16"
        if not (rows.exists() and vectors.exists()):
            return False
        clips = read_rows(rows)
        size = sum(frames for _, frames in clips) * self.description["vector_size"] * VECTOR.itemsize
        return [path for path, _ in clips] == paths and vectors.stat().st_size == size

    def write(self, corpus, paths, vectors):
        """Writes a corpus from an iterable with one array per clip; both files appear only when complete."""
        rows, data = (self.folder / f"{corpus}.{kind}" for kind in ("csv", "f16"))
        new_rows, new_data = (path.with_name(path.name + ".new") for path in (rows, data))
        with open(new_rows, "w", newline="", encoding="utf-8") as index, open(new_data, "wb") as file:
            writer = csv.writer(index, lineterminator="\n")
            writer.writerow(["path", "frames"])
            for path, frames in zip(paths, vectors, strict=True):
                file.write(halves(frames, corpus, path).tobytes())
                writer.writerow([path, len(frames)])
        rows.unlink(missing_ok=True)
        os.replace(new_data, data)
        os.replace(new_rows, rows)

    def finish(self, corpora):
        """Adds mean and deviation over all frames of the corpora, unless an earlier run did."""
        present = json.loads((self.folder / "table.json").read_text())
        if "mean" not in present:
            mean, deviation = self.statistics(corpora)
            self.write_json({**present, "mean": mean.tolist(), "deviation": deviation.tolist()})

    def statistics(self, corpora):
        """Mean and deviation of each channel."""
        size, count, total, squares = self.description["vector_size"], 0, 0.0, 0.0
        for corpus in corpora:
            vectors = np.memmap(self.folder / f"{corpus}.f16", VECTOR, "r").reshape(-1, size)
            for start in range(0, len(vectors), 1 << 14):
                block = vectors[start : start + (1 << 14)].astype(np.float64)
                count, total, squares = count + len(block), total + block.sum(0), squares + (block**2).sum(0)
        mean = total / count
        return mean, np.sqrt(np.maximum(squares / count - mean**2, 1e-12))

    def write_json(self, content):
        new = self.folder / "table.json.new"
        new.write_text(json.dumps(content) + "\n")
        os.replace(new, self.folder / "table.json")


def halves(frames, corpus, path):
    """Half floats of a clip's vectors."""
    values = np.asarray(frames).astype(VECTOR)
    if not np.isfinite(values).all():
        raise Failure(f"{corpus}/{path}: the encoder's output is not finite; remove the clip's row")
    return values


def encoded(encoder, folder, paths, report):
    """Vectors of the clips in order. Clips of similar length share a batch: all encoders here are causal, so the
    zeros after a shorter clip change none of its frames."""
    for start in range(0, len(paths), SHELF):
        clips = [read_clip(folder / path) for path in paths[start : start + SHELF]]
        order = sorted(range(len(clips)), key=lambda k: len(clips[k]))
        results = [None] * len(clips)
        for k in range(0, len(order), BATCH):
            chosen = order[k : k + BATCH]
            for place, vectors in zip(chosen, encoder.encode([clips[c] for c in chosen]), strict=True):
                results[place] = vectors
        yield from results
        report(start + len(clips))


def parse(parser):
    """Common arguments of all encoders."""
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder with one folder for each corpus")
    parser.add_argument("--corpora", required=True, help="names of corpora, separated by commas")
    parser.add_argument("--out", type=pathlib.Path, required=True, help="folder of the table; created if missing")
    return parser.parse_args()


def run(encoder, arguments):
    """Encodes all corpora that are not in the table."""
    corpora = [name.strip() for name in arguments.corpora.split(",") if name.strip()]
    clips = {corpus: clip_paths(arguments.data, corpus) for corpus in corpora}
    table = Table(arguments.out, encoder.description)
    table.open()
    for corpus, paths in clips.items():
        if table.has(corpus, paths):
            print(f"{corpus}: complete", flush=True)
            continue
        report = lambda done: print(f"{corpus}: {done} of {len(paths)} clips", flush=True)
        table.write(corpus, paths, encoded(encoder, arguments.data / corpus, paths, report))
    table.finish(corpora)


def main(body):
    """Runs a program; a `Failure` becomes a message on standard error and exit status 1."""
    try:
        body()
    except Failure as failure:
        sys.exit(f"error: {failure}")
