# SPDX-License-Identifier: Apache-2.0
"""The kinds of pooling of frames in PyTorch."""
import torch

# The tensors that compute the score of a frame; a mean has none.
SCORES = {"attention": "attention", "gated": "gate", "statistics": "attention"}


def pool(kind, x, outside, score):
    """[..., T, C], [..., T], [..., T] or None -> [..., C], and [..., 2 C] for statistics."""
    weights = total = outside
    if kind in ("attention", "statistics"):
        weights = total = outside * torch.exp(score.clamp(-8, 8))
    elif kind == "gated":
        weights = outside * torch.sigmoid(score)
    total = total.sum(-1, keepdim=True).clamp(min=1e-6)
    mean = (weights[..., None] * x).sum(-2) / total
    if kind != "statistics":
        return mean
    variance = (weights[..., None] * (x - mean[..., None, :]) ** 2).sum(-2) / total
    return torch.cat([mean, variance.clamp(min=1e-6).sqrt()], -1)


def score(module, kind, x):
    """[..., T, C] -> [..., T] by the layer of `module` that belongs to `kind`; None for a mean."""
    return module.get_submodule(SCORES[kind])(x)[..., 0] if kind in SCORES else None
