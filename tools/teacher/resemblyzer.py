# SPDX-License-Identifier: Apache-2.0
"""Writes a teacher table with the hidden states of Resemblyzer 0.1.4, a speaker encoder.

    venv/bin/python resemblyzer.py --data DATA --corpora a,b,c --out TABLE [--layers 2,3]

Three LSTM layers of 256 over 40 mel bands every 10 ms (Wan et al. 2018, arXiv:1710.10467). The network runs over the
whole clip, not over stretches of 1.6 s; each vector is the mean of four steps (40 ms) of the chosen layers.
Only `pretrained.pt` is read out of the package; none of its code is imported.
"""

import argparse

import numpy as np
import torch

import mel
import table

FRAME_MS = 40
STEPS = FRAME_MS // 10
HIDDEN = 256
SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"
SOURCE = "https://pypi.org/project/Resemblyzer/0.1.4/ resemblyzer/pretrained.pt"


class Encoder:
    """The three layers, separate so that the output of each step is available."""

    def __init__(self, layers=(2, 3)):
        path = table.weights_file("Resemblyzer", "0.1.4", "resemblyzer/pretrained.pt", SHA256)
        self.state = torch.load(path, map_location="cpu", weights_only=True)["model_state"]
        self.lstm = [self.layer(k, mel.BANDS if k == 0 else HIDDEN) for k in range(3)]
        self.chosen = layers
        self.description = {
            "encoder": "resemblyzer 0.1.4", "licence": "Apache-2.0", "source": SOURCE, "sha256": SHA256,
            "layers": ",".join(map(str, layers)), "vector_size": HIDDEN * len(layers), "frame_ms": FRAME_MS,
        }

    def layer(self, k, inputs):
        lstm = torch.nn.LSTM(inputs, HIDDEN, batch_first=True).eval()
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        lstm.load_state_dict({f"{name}_l0": self.state[f"lstm.{name}_l{k}"] for name in names})
        return lstm

    @torch.inference_mode()
    def steps(self, spectra):
        """Outputs of the three layers at every step, each [clips, steps, 256]."""
        outputs = [torch.nn.utils.rnn.pad_sequence([torch.from_numpy(s) for s in spectra], batch_first=True)]
        for lstm in self.lstm:
            outputs.append(lstm(outputs[-1])[0])
        return outputs[1:]

    def encode(self, clips):
        outputs = self.steps([mel.spectrogram(mel.normalised(clip)) for clip in clips])
        together = torch.cat([outputs[k - 1] for k in self.chosen], 2).numpy()
        return [frames(steps, len(clip)) for steps, clip in zip(together, clips)]

    def embedding(self, steps):
        """Speaker embedding after a step of layer 3, as the package computes it; for checks."""
        raw = torch.relu(steps @ self.state["linear.weight"].T + self.state["linear.bias"])
        return raw / raw.norm(dim=-1, keepdim=True)


def frames(steps, samples):
    """Means of four steps. A clip of less than 40 ms has one frame, the mean of the steps that it has."""
    count = table.frame_count(samples, FRAME_MS)
    available = min(count * STEPS, 1 + samples // mel.HOP)
    if available < STEPS:
        return steps[:available].mean(0, keepdims=True)
    return steps[: count * STEPS].reshape(count, STEPS, -1).mean(1)


def layer_numbers(text):
    """Layers as a tuple of numbers in rising order."""
    numbers = tuple(int(part) for part in text.split(",") if part in ("1", "2", "3"))
    if not numbers or ",".join(map(str, sorted(set(numbers)))) != text:
        raise argparse.ArgumentTypeError(f"'{text}' is not an ascending list of the layers 1, 2, 3")
    return numbers


def main():
    parser = argparse.ArgumentParser(description="Write a teacher table with Resemblyzer 0.1.4.")
    parser.add_argument("--layers", type=layer_numbers, default=(2, 3), help="layers of the vectors (default 2,3)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the network (default 1)")
    arguments = table.parse(parser)
    torch.set_num_threads(arguments.threads)
    table.run(Encoder(arguments.layers), arguments)


if __name__ == "__main__":
    table.main(main)
