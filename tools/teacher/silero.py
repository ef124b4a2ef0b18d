# SPDX-License-Identifier: Apache-2.0
"""Writes a teacher table with the probability of speech every 32 ms, from Silero VAD 6.2.3.

    venv/bin/python silero.py --data DATA --corpora a,b,c --out TABLE

The detector starts each clip from zero state and reads it unchanged: no change of volume, no threshold.
"""

import argparse

import numpy as np
import onnxruntime

import table

FRAME_MS = 32
CHUNK, CONTEXT, STATE = 512, 64, (2, 128)
FILE = "silero_vad/data/silero_vad.onnx"
SHA256 = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"


class Encoder:
    """The detector, for several clips in parallel, each with its own state."""

    description = {
        "encoder": "silero-vad 6.2.3", "licence": "MIT", "source": f"https://pypi.org/project/silero-vad/6.2.3/ {FILE}",
        "sha256": SHA256, "layers": "output", "vector_size": 1, "frame_ms": FRAME_MS,
    }

    def __init__(self, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        path = table.weights_file("silero-vad", "6.2.3", FILE, SHA256)
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def encode(self, clips):
        counts = [table.frame_count(len(clip), FRAME_MS) for clip in clips]
        samples = np.zeros((len(clips), CONTEXT + max(counts) * CHUNK), np.float32)
        for row, clip, count in zip(samples, clips, counts):
            row[CONTEXT : CONTEXT + min(len(clip), count * CHUNK)] = clip[: count * CHUNK]
        state = np.zeros((STATE[0], len(clips), STATE[1]), np.float32)
        probabilities = np.zeros((len(clips), max(counts), 1), np.float32)
        for j in range(max(counts)):
            window = samples[:, j * CHUNK : (j + 1) * CHUNK + CONTEXT]
            inputs = {"input": window, "state": state, "sr": np.array(table.RATE, np.int64)}
            probabilities[:, j], state = self.session.run(None, inputs)
        return [row[:count] for row, count in zip(probabilities, counts)]


def main():
    parser = argparse.ArgumentParser(description="Write a teacher table with Silero VAD 6.2.3.")
    arguments = table.parse(parser)
    table.run(Encoder(), arguments)


if __name__ == "__main__":
    table.main(main)
