# SPDX-License-Identifier: Apache-2.0
"""One training step in PyTorch, one thread: the peer of bench-training. Needs torch, safetensors, numpy.

    python training_peer.py anchor|default
"""
import json
import pathlib
import resource
import statistics
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "golden"))
from encoder import blocks, strided  # noqa: E402
from training import Trainee, masked_binary_cross_entropy, soft_cross_entropy  # noqa: E402


WORK = {
    "anchor": dict(inputCount=80, width=192, front=strided(5) + 3 * [{"kernel": 5, "stride": 1}],
                   blocks=blocks("convolution", 1, []), recurrent=2, frames=300),
    "default": dict(inputCount=86, width=160, front=strided(5, 3),
                    blocks=blocks("convolution", 3, [1, 2, 4, 1, 2, 4]), recurrent=0, frames=370),
}


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    work = dict(WORK[sys.argv[1]])
    frames, recurrent, clips, classes = work.pop("frames"), work.pop("recurrent"), 32, 7
    shape = {"activation": "relu", "isRecurrent": False, "hiddenCount": 0, "forgetting": 1} | work
    model = Trainee({"encoder": shape, "labels": ["?"] * classes}, recurrent)
    for block in model.blocks:
        block.pointwise = nn.Sequential(block.pointwise, nn.Dropout(0.1))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
    features = torch.rand(clips, frames, shape["inputCount"]) * 2 - 1
    count = frames
    for layer in shape["front"]:
        count = -(-count // layer["stride"])
    mask = torch.ones(clips, count)
    targets = F.one_hot(torch.arange(clips) % classes, classes).float()
    weights = torch.ones(classes)

    def step():
        logits, speech = model(features, mask[None])
        loss = soft_cross_entropy(logits, targets, weights) + masked_binary_cross_entropy(speech, mask, mask)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()

    for _ in range(3):
        step()
    times = []
    for _ in range(15):
        start = time.process_time()
        step()
        times.append((time.process_time() - start) * 1e3)
    print(json.dumps({
        "engine": f"PyTorch {torch.__version__}",
        "parameters": sum(p.numel() for p in model.parameters()),
        "step_ms": statistics.median(times),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }))


if __name__ == "__main__":
    main()
