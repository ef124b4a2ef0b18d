# SPDX-License-Identifier: Apache-2.0
"""The encoder of tools/golden/encoder.py one embedding at a time, its state passed in and out, so that ONNX can hold it."""
import pathlib
import sys

import torch
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden"))
import encoder as golden  # noqa: E402

DEFAULT = golden.configuration(
    "default", inputCount=86, width=160, front=golden.strided(5, 3),
    blocks=golden.blocks("convolution", 3, [1, 2, 4, 1, 2, 4]))


class Network(nn.Module):
    """Takes [1, frames_per_step, inputs] and the past of each convolution; returns probabilities and the new past."""

    def __init__(self, configuration=DEFAULT):
        super().__init__()
        shape = configuration["encoder"]
        if shape["isRecurrent"] or shape["blocks"]["kind"] != "convolution" or shape["hiddenCount"]:
            raise SystemExit("this benchmark exports convolutional models only")
        self.encoder = golden.EmotionEncoder(configuration)
        self.input_count = shape["inputCount"]
        self.frames_per_step = 1
        for layer in shape["front"]:
            self.frames_per_step *= layer["stride"]

    def convolutions(self):
        return [*self.encoder.front, *(block.conv for block in self.encoder.blocks)]

    def initial_state(self):
        pasts = [torch.zeros(1, conv.in_channels, (conv.kernel_size[0] - 1) * conv.dilation[0])
                 for conv in self.convolutions()]
        return pasts + [torch.zeros(1, self.encoder.norm.normalized_shape[0]), torch.zeros(1, 1)]

    def forward(self, frames, *state):
        net, future = self.encoder, []

        def convolve(conv, x, past):  # [1, C, T]
            x = torch.cat([past, x], 2)
            future.append(x[:, :, x.shape[2] - past.shape[2]:])
            return nn.Conv1d.forward(conv, x)

        x = ((frames - net.mean) * net.scale).clamp(-10, 10).transpose(1, 2)
        pasts = iter(state)
        for layer in net.front:
            x = net.activation(convolve(layer, x, next(pasts)))
        for block in net.blocks:
            y = block.norm(x.transpose(1, 2)).transpose(1, 2)
            y = block.activation(convolve(block.conv, y, next(pasts))).transpose(1, 2)
            x = x + block.pointwise(y).transpose(1, 2)
        x = net.norm(x.transpose(1, 2))[:, 0]
        weight = torch.sigmoid(net.speech(x)) * torch.exp(net.attention(x).clamp(-8, 8))
        forgetting = net.configuration["encoder"]["forgetting"]
        num = forgetting * next(pasts) + weight * x
        den = forgetting * next(pasts) + weight
        logits = net.classes(num / den.clamp(min=1e-6))
        probabilities = torch.softmax(logits / net.configuration["calibration"]["temperature"], -1)
        return (probabilities, *future, num, den)
