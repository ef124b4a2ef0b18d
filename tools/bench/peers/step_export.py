# SPDX-License-Identifier: Apache-2.0
"""step_export.py FOLDER: writes both benchmark networks, for Undertone and as ONNX, with PyTorch's answers.

Random weights: the cost does not depend on them. FOLDER/{encoder,gru}/{model.safetensors,network.onnx,expected.safetensors}
"""
import pathlib
import sys

import torch
from safetensors.torch import save_file

import encoder_network
import gru_network

STEPS = 60


def export(network, folder):
    folder.mkdir(parents=True, exist_ok=True)
    state = network.initial_state()
    names = [f"s{i}" for i in range(len(state))]
    frames = torch.randn(STEPS, network.frames_per_step, network.input_count)
    torch.onnx.export(
        network, (frames[:1], *state), str(folder / "network.onnx"), input_names=["frames", *names],
        output_names=["probabilities", *(name + "_next" for name in names)], opset_version=17, dynamo=False)
    answers = []
    for step in frames:
        probabilities, *state = network(step[None], *state)
        answers.append(probabilities)
    save_file({"frames": frames, "probabilities": torch.cat(answers)}, folder / "expected.safetensors")


def main():
    root = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    torch.manual_seed(20261121)
    encoder = encoder_network.Network().eval()
    encoder_network.golden.write_model(encoder.encoder, root / "encoder")
    export(encoder, root / "encoder")
    gru = gru_network.Network().eval()
    export(gru, root / "gru")
    save_file(gru.tensors(), root / "gru" / "model.safetensors")


if __name__ == "__main__":
    main()
