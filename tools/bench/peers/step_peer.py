# SPDX-License-Identifier: Apache-2.0
"""step_peer.py ENGINE NETWORK FOLDER: one JSON line as bench-step prints. ENGINE: ort, torch, script. NETWORK: encoder, gru."""
import json
import os
import sys
import time

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"

import numpy as np  # noqa: E402

engine, network, folder = sys.argv[1:4]


def ort_step():
    """Returns a function from frames to probabilities that keeps the state."""
    import onnxruntime as ort
    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = ort.InferenceSession(f"{folder}/{network}/network.onnx", options, providers=["CPUExecutionProvider"])
    inputs = session.get_inputs()
    state = [np.zeros(i.shape, np.float32) for i in inputs[1:]]
    names = [i.name for i in inputs]

    def step(frames):
        nonlocal state
        probabilities, *state = session.run(None, dict(zip(names, [frames, *state])))
        return probabilities
    return step


def torch_step():
    import torch
    from safetensors.torch import load_file

    import encoder_network
    import gru_network
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    module = {"encoder": encoder_network, "gru": gru_network}[network].Network().eval()
    weights = load_file(f"{folder}/{network}/model.safetensors")
    if network == "encoder":
        renamed = {"input.mean": "mean", "input.scale": "scale"}
        module.encoder.load_state_dict({renamed.get(key, key): value for key, value in weights.items()})
    else:
        module.load_state_dict(weights)
    state = module.initial_state()
    run = module
    if engine == "script":
        example = torch.zeros(1, module.frames_per_step, module.input_count)
        run = torch.jit.freeze(torch.jit.trace(module, (example, *state)))

    def step(frames):
        nonlocal state
        with torch.inference_mode():
            probabilities, *state = run(torch.from_numpy(frames), *state)
        return probabilities.numpy()
    return step


def tight(step, frames):
    for _ in range(50):
        step(frames)
    start = time.process_time()
    step(frames)
    count = max(50, int(0.3 / max(1e-5, time.process_time() - start)))
    repetitions = []
    for _ in range(7):
        start = time.process_time()
        for _ in range(count):
            step(frames)
        repetitions.append((time.process_time() - start) / count)
    return sorted(repetitions)[3] * 1e6


def paced(step, frames, period):
    count = int(8 / period)
    start, due = time.process_time(), time.perf_counter()
    for _ in range(count):
        due += period
        time.sleep(max(0, due - time.perf_counter()))
        step(frames)
    return (time.process_time() - start) / count * 1e6


def main():
    from safetensors.numpy import load_file
    expected = load_file(f"{folder}/{network}/expected.safetensors")
    frames, answers = expected["frames"], expected["probabilities"]
    step = ort_step() if engine == "ort" else torch_step()
    difference = max(float(np.abs(step(f[None]) - a).max()) for f, a in zip(frames, answers))
    period = 0.01 * frames.shape[1]
    row = {"engine": engine, "tight": tight(step, frames[:1]), "paced": paced(step, frames[:1], period),
           "difference": difference, "period_ms": 1000 * period}
    pages = int(open("/proc/self/statm").read().split()[1])
    print(json.dumps(row | {"rss_mb": pages * os.sysconf("SC_PAGESIZE") / 1e6}))


if __name__ == "__main__":
    main()
