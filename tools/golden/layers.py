# SPDX-License-Identifier: Apache-2.0
"""Golden files for NeuralLayers: PyTorch's output for every streaming layer, with random weights.

    python tools/golden/layers.py        writes Tests/Fixtures/golden/layers

Each case is a safetensors file with the layer's parameters under PyTorch's names, an `input` [T, channels] and the
`output` [T', channels]; `cases.json` has the layer's type and parameters.
"""
import json

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

import provenance
from pooling import SCORES, pool, score

SEED = 20261121
FOLDER = provenance.FIXTURES / "layers"


def causal(conv: nn.Conv1d, x: torch.Tensor) -> torch.Tensor:
    """[T, in] to [T', out], the past padded with zeros."""
    padding = (conv.kernel_size[0] - 1) * conv.dilation[0]
    return conv(F.pad(x.T[None], (padding, 0)))[0].T


def convolution(inputs, outputs, kernel, stride, dilation, frames):
    conv = nn.Conv1d(inputs, outputs, kernel, stride=stride, dilation=dilation)
    x = torch.randn(frames, inputs)
    return conv, x, causal(conv, x)


def depthwise(channels, kernel, dilation, frames):
    conv = nn.Conv1d(channels, channels, kernel, dilation=dilation, groups=channels)
    x = torch.randn(frames, channels)
    return conv, x, causal(conv, x)


def gru(inputs, hidden, frames):
    layer = nn.GRU(inputs, hidden, batch_first=True)
    x = 2 * torch.randn(frames, inputs)
    return layer, x, layer(x[None])[0][0]


def linear(inputs, outputs, frames):
    layer = nn.Linear(inputs, outputs)
    x = torch.randn(frames, inputs)
    return layer, x, layer(x)


def layer_norm(channels, frames):
    layer = nn.LayerNorm(channels)
    nn.init.normal_(layer.weight, 1, 0.3)
    nn.init.normal_(layer.bias, 0, 0.3)
    x = 3 * torch.randn(frames, channels) + 5
    x[0] = 5  # no variance: epsilon decides
    return layer, x, layer(x)


ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "sigmoid": torch.sigmoid, "tanh": torch.tanh}


def activation(function):
    x = torch.cat([torch.linspace(-12, 12, 481), torch.tensor([-1e4, -90.0, -1e-6, 0.0, 1e-6, 90.0, 1e4])])[:, None]
    return nn.Identity(), x, ACTIVATIONS[function](x)


class Pooling(nn.Module):
    """The mean of x weighted by p; weights decay by `forgetting` per frame."""

    def __init__(self, kind, channels, forgetting):
        super().__init__()
        self.kind = kind
        self.forgetting = forgetting
        if kind in SCORES:
            self.add_module(SCORES[kind], nn.Linear(channels, 1))

    def forward(self, x, p):
        p = p * self.forgetting ** torch.arange(len(x) - 1, -1, -1)
        return pool(self.kind, x, p, score(self, self.kind, x))


def pooling(kind, channels, forgetting, frames):
    layer = Pooling(kind, channels, forgetting)
    x = 6 * torch.randn(frames, channels)  # large enough that some scores meet the clamp
    p = torch.rand(frames)
    # One row for each prefix: the expected running sums after every frame.
    output = torch.stack([layer(x[:t], p[:t]) for t in range(1, frames + 1)])
    return layer, x, output, p


CASES = [
    ("convolution-front", convolution, dict(inputs=12, outputs=40, kernel=5, stride=2, dilation=1, frames=23)),
    ("convolution-dilated", convolution, dict(inputs=17, outputs=65, kernel=3, stride=1, dilation=4, frames=19)),
    ("convolution-stride-3", convolution, dict(inputs=3, outputs=7, kernel=4, stride=3, dilation=1, frames=20)),
    ("convolution-pointwise", convolution, dict(inputs=33, outputs=16, kernel=1, stride=1, dilation=1, frames=5)),
    ("depthwise", depthwise, dict(channels=21, kernel=7, dilation=1, frames=17)),
    ("depthwise-dilated", depthwise, dict(channels=16, kernel=3, dilation=5, frames=24)),
    ("gru", gru, dict(inputs=19, hidden=24, frames=40)),
    ("linear", linear, dict(inputs=50, outputs=130, frames=6)),
    ("layer-norm", layer_norm, dict(channels=37, frames=8)),
    ("pooling", pooling, dict(kind="attention", channels=18, forgetting=1.0, frames=30)),
    ("pooling-forgetting", pooling, dict(kind="attention", channels=18, forgetting=0.97, frames=30)),
] + [(name, activation, dict(function=name)) for name in ACTIVATIONS] + [
    ("pooling-mean", pooling, dict(kind="mean", channels=11, forgetting=1.0, frames=30)),
    ("pooling-mean-forgetting", pooling, dict(kind="mean", channels=11, forgetting=0.95, frames=30)),
    ("pooling-gated", pooling, dict(kind="gated", channels=18, forgetting=1.0, frames=30)),
    ("pooling-gated-forgetting", pooling, dict(kind="gated", channels=18, forgetting=0.97, frames=30)),
    ("pooling-statistics", pooling, dict(kind="statistics", channels=18, forgetting=1.0, frames=30)),
    ("pooling-statistics-forgetting", pooling, dict(kind="statistics", channels=18, forgetting=0.97, frames=30)),
]


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    with torch.no_grad():
        for name, make, numbers in CASES:
            layer, x, output, *weights = make(**numbers)
            tensors = {key: value for key, value in layer.state_dict().items()}
            tensors |= {"input": x, "output": output} | {"weights": value for value in weights}
            save_file({key: value.contiguous() for key, value in tensors.items()}, FOLDER / f"{name}.safetensors")
    cases = [{"name": name, "layer": make.__name__, **numbers} for name, make, numbers in CASES]
    (FOLDER / "cases.json").write_text(json.dumps(cases, indent=1) + "\n")
    provenance.write(FOLDER, "layers.py", ["torch", "safetensors", "numpy"], seed=SEED)


if __name__ == "__main__":
    main()
