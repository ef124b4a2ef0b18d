# SPDX-License-Identifier: Apache-2.0
"""A streaming network of 1.4 M parameters with its state passed in and out, so that ONNX can hold it.

front conv 80->192 k5, 192->192 k3 s2; feed-forward 192-768-192; twice (GRU 192 + feed-forward); attention pool; classes.
Input [1, 2, 80]: two feature frames make one 20 ms embedding.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

W = 192


class Front(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1 = nn.Conv1d(80, W, 5)
        self.c2 = nn.Conv1d(W, W, 3, stride=2)

    def forward(self, frames, a, b):  # a [1, 80, 4], b [1, W, 1]
        x = torch.cat([a, frames.transpose(1, 2)], 2)
        y = torch.cat([b, torch.relu(self.c1(x))], 2)
        return torch.relu(self.c2(y)), x[:, :, -4:], y[:, :, -1:]


class FeedForward(nn.Module):
    def __init__(self):
        super().__init__()
        self.n = nn.LayerNorm(W)
        self.a = nn.Linear(W, 4 * W)
        self.b = nn.Linear(4 * W, W)

    def forward(self, x):
        return x + self.b(F.gelu(self.a(self.n(x))))


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.att = nn.Linear(W, 1)

    def forward(self, x, num, den):  # x [1, 1, W]
        w = torch.exp(self.att(x).clamp(-8, 8))
        num = 0.99 * num + (w * x).sum(1)
        den = 0.99 * den + w.sum(1)
        return num / den, num, den


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(W, W)
        self.c = nn.Linear(W, 6)

    def forward(self, x):
        return torch.softmax(self.c(torch.relu(self.fc(x))), -1)


class Network(nn.Module):
    frames_per_step = 2
    input_count = 80

    def __init__(self):
        super().__init__()
        self.f = Front()
        self.f0, self.f1, self.f2 = FeedForward(), FeedForward(), FeedForward()
        self.g1, self.g2 = nn.GRU(W, W, batch_first=True), nn.GRU(W, W, batch_first=True)
        self.p = Pool()
        self.h = Heads()

    def forward(self, frames, a, b, h1, h2, num, den):
        x, a, b = self.f(frames, a, b)
        x = self.f0(x.transpose(1, 2))
        y, h1 = self.g1(x, h1)
        x = self.f1(x + y)
        y, h2 = self.g2(x, h2)
        x = self.f2(x + y)
        pooled, num, den = self.p(x, num, den)
        return self.h(pooled), a, b, h1, h2, num, den

    def initial_state(self):
        shapes = [(1, 80, 4), (1, W, 1), (1, 1, W), (1, 1, W), (1, W), (1, 1)]
        return [torch.zeros(shape) for shape in shapes]

    def tensors(self):
        return {name: value.contiguous() for name, value in self.state_dict().items()}
