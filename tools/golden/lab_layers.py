# SPDX-License-Identifier: Apache-2.0
"""PyTorch's gradients of the layers that only the lab's papers need.

    python tools/golden/lab_layers.py       adds lab-layers.json and its files to Tests/Fixtures/golden/training

Each in training mode; batch normalisation also in evaluation mode, after one batch.
"""
import json

import torch
import torch.nn.functional as F
from torch import nn

import provenance
from training import FOLDER, FirstOf, plain, save

SEED = 20261123


class Image(nn.Module):
    """A layer for [B, C, H, W] on [B, H, W C], channels last."""

    def __init__(self, layer, columns):
        super().__init__()
        self.layer = layer
        self.columns = columns

    def forward(self, x):
        image = x.unflatten(2, (self.columns, -1)).permute(0, 3, 1, 2)
        return self.layer(image).permute(0, 2, 3, 1).flatten(2)


class Channels(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.transpose(1, 2)).transpose(1, 2)


class Attention(nn.Module):
    def __init__(self, inputs, heads, size):
        super().__init__()
        self.project = nn.Linear(inputs, 3 * heads * size)
        self.heads = heads

    def forward(self, x):
        q, k, v = self.project(x).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        return F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)


class RecurrentAttention(nn.Module):
    """Lin & Busso's RnnAttenVec: attention by the last state of a recurrence."""

    def __init__(self, channels):
        super().__init__()
        self.rnn = nn.RNN(channels, channels, batch_first=True)
        self.score = nn.Linear(channels, channels, bias=False)
        self.combine = nn.Linear(2 * channels, channels, bias=False)

    def forward(self, x):
        h, _ = self.rnn(x)
        last = h[:, -1]
        weights = torch.softmax((self.score(h) * last[:, None]).sum(-1), -1)
        context = (weights[..., None] * h).sum(1)
        return torch.tanh(self.combine(torch.cat([context, last], -1)))[:, None]


def convolution(columns, inputs, outputs, kernel, stride):
    case, module = plain("convolution_2d", columns * inputs, outputs,
                         Image(nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2), columns))
    return {**case, "kernel": kernel, "stride": stride, "width": columns}, module


def attention(inputs, heads, size):
    case, module = plain("attention", inputs, heads * size, Attention(inputs, heads, size))
    return {**case, "heads": heads}, module


def layers():
    return {
        "lstm": plain("lstm", 6, 9, FirstOf(nn.LSTM(6, 9, batch_first=True))),
        "rnn": plain("rnn", 6, 7, FirstOf(nn.RNN(6, 7, batch_first=True))),
        "bidirectional-gru": plain("bidirectional_gru", 5, 8, FirstOf(nn.GRU(5, 4, batch_first=True, bidirectional=True))),
        "convolution-2d": convolution(7, 1, 4, 3, 1),
        "convolution-2d-stride-2": convolution(6, 3, 5, 3, 2),
        "convolution-2d-wide": convolution(9, 2, 1, 5, 1),
        "batch-norm": plain("batch_norm", 6, 6, Channels(nn.BatchNorm1d(6))),
        "batch-norm-image": plain("batch_norm", 12, 3, Image(nn.BatchNorm2d(3), 4)),
        "attention-one-head": attention(8, 1, 8),
        "attention-three-heads": attention(7, 3, 5),
        "recurrent-attention": plain("recurrent_attention", 6, 6, RecurrentAttention(6)),
    }


def tensors_of(module, x):
    y = module(x)
    gradient = torch.randn_like(y)
    y.backward(gradient)
    return {"input": x, "output": y, "output.gradient": gradient, "input.gradient": x.grad}


def layer_case(name, case, module):
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    def named(key):  # layers of one part have their name from the test
        return key if case["layer"] == "recurrent_attention" else key.split(".")[-1]

    tensors = {f"weights.{named(key)}": value.clone() for key, value in module.state_dict().items()
               if value.is_floating_point()}
    tensors |= tensors_of(module, torch.randn(3, 19, case["inputs"], requires_grad=True))
    gradients = {named(key): parameter.grad for key, parameter in module.named_parameters()}
    for key in [key for key in tensors if key.startswith("weights.")]:
        part = key.removeprefix("weights.")
        tensors[f"gradients.{part}"] = gradients.get(part, torch.zeros_like(tensors[key]))
    save(name, tensors)
    return {"name": name, **case}


def batch_norm_outside_of_training():
    module = Channels(nn.BatchNorm1d(6))
    x = 2 * torch.randn(3, 19, 6) + 0.5
    module(x)
    module.eval()
    tensors = tensors_of(module, x.requires_grad_())
    save("batch-norm-running", {**tensors, "running_mean": module.layer.running_mean,
                                "running_var": module.layer.running_var})


def triplets():
    embeddings = torch.randn(12, 5, requires_grad=True)
    rows = torch.tensor([[0, 1, 2], [3, 4, 5], [6, 0, 11], [7, 8, 7], [9, 10, 1]])
    a, p, n = embeddings[rows].unbind(1)
    loss = F.triplet_margin_loss(a, p, n, margin=1.0, eps=0.0)
    loss.backward()
    save("triplets", {"input": embeddings, "rows": rows.float(), "loss": loss.reshape(1), "gradient": embeddings.grad})


def main():
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    cases = [layer_case(name, case, module) for name, (case, module) in layers().items()]
    batch_norm_outside_of_training()
    triplets()
    (FOLDER / "lab-layers.json").write_text(json.dumps(cases, indent=1) + "\n")
    provenance.write(FOLDER, "lab_layers.py", ["torch", "safetensors", "numpy"], file="lab-layers-provenance.json",
                     seed=SEED)


if __name__ == "__main__":
    main()
