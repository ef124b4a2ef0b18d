# SPDX-License-Identifier: Apache-2.0
"""Gradients and training runs of PyTorch: the expected results of module Training.

    python tools/golden/training.py       writes Tests/Fixtures/golden/training

One file for each layer (its weights, an input, the gradient of its output, and the results of backward), for each
loss, and for each network: its first weights, a batch, all gradients, and the losses of ten steps of AdamW.
`cases.json` has the parameters of each.
"""
import json

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

import provenance
from encoder import CausalConv, EmotionEncoder, blocks, strided
from pooling import pool

SEED = 20261122
FOLDER = provenance.FIXTURES / "training"
STEPS = 10


def save(name, tensors):
    save_file({key: value.detach().clone().contiguous() for key, value in tensors.items()},
              FOLDER / f"{name}.safetensors")


class Pool(nn.Module):
    """[B, T, C + 1]: embeddings, and their score last; `outside` weights the frames and gets no gradient."""

    def __init__(self, kind, outside):
        super().__init__()
        self.kind = kind
        self.outside = outside

    def forward(self, x):
        return pool(self.kind, x[..., :-1], self.outside, x[..., -1])[:, None]


class ChannelsLast(nn.Module):
    """A convolution on [B, T, C]."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x.transpose(1, 2)).transpose(1, 2)


class FirstOf(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)[0]


def convolution(inputs, outputs, kernel, stride=1, dilation=1):
    return ({"layer": "convolution", "inputs": inputs, "outputs": outputs, "kernel": kernel, "stride": stride,
             "dilation": dilation},
            ChannelsLast(CausalConv(inputs, outputs, kernel, stride=stride, dilation=dilation)))


def depthwise(channels, kernel, dilation):
    return ({"layer": "depthwise", "inputs": channels, "outputs": channels, "kernel": kernel, "stride": 1,
             "dilation": dilation}, ChannelsLast(CausalConv(channels, channels, kernel, dilation=dilation, groups=channels)))


def plain(layer, inputs, outputs, module):
    return ({"layer": layer, "inputs": inputs, "outputs": outputs, "kernel": 1, "stride": 1, "dilation": 1}, module)


def layers():
    outside = torch.rand(3, 19)
    outside[1, 12:] = 0
    return {
        "convolution-5": convolution(6, 10, 5),
        "convolution-5-stride-2": convolution(7, 4, 5, stride=2),
        "convolution-4-stride-3": convolution(5, 6, 4, stride=3),
        "convolution-3-dilated": convolution(8, 8, 3, dilation=4),
        "convolution-longer-than-the-sequence": convolution(3, 5, 3, dilation=11),
        "depthwise-7": depthwise(9, 7, 1),
        "depthwise-3-dilated": depthwise(5, 3, 4),
        "linear": plain("linear", 7, 11, nn.Linear(7, 11)),
        "layer-norm": plain("layer_norm", 13, 13, nn.LayerNorm(13)),
        "gru": plain("gru", 6, 9, FirstOf(nn.GRU(6, 9, batch_first=True))),
        "relu": plain("relu", 8, 8, nn.ReLU()),
        "gelu": plain("gelu", 8, 8, nn.GELU()),
        **{f"pooling-{kind}": plain("pooling", 7, 7, Pool(kind, outside)) for kind in ("attention", "mean", "gated")},
    }


def statistics_layers():
    outside = torch.rand(3, 19)
    outside[1, 12:] = 0
    return {"pooling-statistics": plain("pooling", 7, 7, Pool("statistics", outside))}


def layer_cases(layers):
    cases = []
    for name, (case, module) in layers.items():
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.add_(0.1 * torch.randn_like(parameter))
        width = case["inputs"] + (case["layer"] == "pooling")
        x = torch.randn(3, 19, width, requires_grad=True)
        y = module(x)
        gradient = torch.randn_like(y)
        y.backward(gradient)
        tensors = {"input": x, "output": y, "output.gradient": gradient, "input.gradient": x.grad}
        for key, parameter in module.named_parameters():
            tensors["weights." + key.split(".")[-1]] = parameter
            tensors["gradients." + key.split(".")[-1]] = parameter.grad
        if case["layer"] == "pooling":
            tensors["outside"] = module.outside
            case["pooling"] = module.kind
        save(name, tensors)
        cases.append({"name": name, **case})
    return cases


def soft_cross_entropy(logits, targets, class_weights):
    weights = (targets * class_weights).sum(-1)
    return -(weights * (targets * F.log_softmax(logits, -1)).sum(-1)).sum() / weights.sum()


def masked_binary_cross_entropy(logits, targets, mask):
    return (F.binary_cross_entropy_with_logits(logits, targets, reduction="none") * mask).sum() / mask.sum()


def concordance(x, y):
    covariance = ((x - x.mean()) * (y - y.mean())).mean()
    spread = x.var(unbiased=False) + y.var(unbiased=False) + (x.mean() - y.mean()) ** 2
    return 1 - 2 * covariance / spread


def masked_absolute_error(outputs, targets, mask):
    return ((outputs - targets).abs() * mask[:, None]).sum() / (mask.sum() * outputs.shape[1])


def loss_cases():
    def write(name, loss, x, **others):
        x.requires_grad_()
        value = loss(x, *others.values())
        value.backward()
        save(name, {"input": x, "loss": value.reshape(1), "gradient": x.grad, **others})

    soft = torch.softmax(2 * torch.randn(12, 5), -1)
    hard = F.one_hot(torch.randint(0, 5, (12,)), 5).float()
    weights = torch.rand(5) + 0.2
    mask = (torch.rand(40) > 0.3).float()
    write("cross-entropy-soft", soft_cross_entropy, 3 * torch.randn(12, 5), targets=soft, weights=weights)
    write("cross-entropy-hard", soft_cross_entropy, 3 * torch.randn(12, 5), targets=hard, weights=weights)
    write("cross-entropy-large-logits", soft_cross_entropy, 200 * torch.randn(12, 5), targets=hard, weights=weights)
    write("binary-cross-entropy", masked_binary_cross_entropy, 5 * torch.randn(40), targets=torch.rand(40), mask=mask)
    write("concordance", concordance, torch.randn(30), targets=torch.randn(30) + 0.5)
    rows = (torch.rand(10) > 0.3).float()
    write("absolute-error", masked_absolute_error, torch.randn(10, 4), targets=torch.randn(10, 4), mask=rows)


class Trainee(EmotionEncoder):
    """EmotionEncoder over a padded batch and several views, with PyTorch's GRU stack of any depth."""

    def __init__(self, configuration, recurrent_layers):
        super().__init__(configuration)
        self.gru = None
        if recurrent_layers:
            width = configuration["encoder"]["width"]
            self.gru = nn.GRU(width, width, num_layers=recurrent_layers, batch_first=True)

    def forward(self, frames, views):  # [B, T, F], [V, B, U] -> [V B, K], [B, U]
        blocks, x = self.encode(frames)
        speech = self.speech(x)[..., 0]
        gate = torch.sigmoid(speech).detach()
        logits = [self.classify(self.pool(blocks, x, view * gate)[1]) for view in views]
        return torch.cat(logits), speech


NETWORKS = {
    "convolution": dict(inputCount=7, width=12, front=strided(5, 3), blocks=blocks("convolution", 3, [1, 2])),
    "depthwise": dict(inputCount=6, width=10, front=strided(5), blocks=blocks("depthwise", 5, [1, 3], expansion=2),
                      activation="gelu", hiddenCount=9),
    "recurrent": dict(inputCount=5, width=8, front=[{"kernel": 5, "stride": 2}, {"kernel": 5, "stride": 1}],
                      blocks=blocks("convolution", 3, []), recurrentLayers=2),
    "mean": dict(inputCount=6, width=9, front=strided(5), blocks=blocks("convolution", 3, []), recurrentLayers=1,
                 pooling="mean"),
    "gated": dict(inputCount=6, width=10, front=strided(5, 3), blocks=blocks("convolution", 3, [1]), pooling="gated"),
}

# Separate, so that the random numbers of the networks above do not change.
STATISTICS = {
    "statistics": dict(inputCount=6, width=10, front=strided(5, 3), blocks=blocks("convolution", 3, [1, 2]),
                       recurrentLayers=1, pooling="statistics", taps=["blocks", "embedding", "prediction"],
                       predictionCount=6),
    "statistics-prediction": dict(inputCount=5, width=8, front=strided(4), blocks=blocks("convolution", 3, [1]),
                                  hiddenCount=7, pooling="statistics", taps=["prediction", "blocks"],
                                  predictionCount=5),
}


def run(model, tensors):
    """The losses of ten steps, and the gradients of the first: warm-up and cosine, clipping, decay of matrices only."""
    frames, views, targets, weights, speech = (
        tensors[key] for key in ("features", "views", "targets", "class_weights", "speech"))
    parameters = [p for _, p in model.named_parameters()]
    optimiser = torch.optim.AdamW(
        [{"params": [p for p in parameters if p.dim() > 1], "weight_decay": 0.05},
         {"params": [p for p in parameters if p.dim() == 1], "weight_decay": 0.0}], betas=(0.9, 0.99), eps=1e-8)
    losses, gradients = [], {}
    for step in range(STEPS):
        rate = 2e-2 * min(1, (step + 1) / 3) * 0.5 * (1 + torch.cos(torch.tensor(torch.pi * step / 20)).item())
        for group in optimiser.param_groups:
            group["lr"] = rate
        optimiser.zero_grad()
        logits, speech_logits = model(frames, views)
        loss = soft_cross_entropy(logits, targets, weights)
        loss = loss + 0.3 * masked_binary_cross_entropy(speech_logits, speech, views[0])
        loss.backward()
        if step == 0:
            gradients = {"gradients." + key: p.grad.clone() for key, p in model.named_parameters()}
            first = {"class_logits": logits, "speech_logits": speech_logits}
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        losses.append(loss.detach())
    return gradients | first | {"losses": torch.stack(losses)}


def network_cases(networks):
    cases = []
    clips, frames, classes = 5, 41, 4
    for name, shape in networks.items():
        shape = {"activation": "relu", "isRecurrent": False, "hiddenCount": 0, "forgetting": 1} | shape
        configuration = {"encoder": shape, "labels": ["?"] * classes}
        model = Trainee(configuration, shape.get("recurrentLayers", 0))
        constants = {}
        if model.pooling == "statistics":
            model.pool_mean.normal_(0, 0.3)
            model.pool_deviation.uniform_(0.5, 2)
            constants = {"weights.pool.mean": model.pool_mean, "weights.pool.deviation": model.pool_deviation,
                         "gradients.pool.mean": torch.zeros_like(model.pool_mean),
                         "gradients.pool.deviation": torch.zeros_like(model.pool_mean)}
        features = torch.randn(clips, frames, shape["inputCount"])
        count = frames
        for layer in shape["front"]:
            count = -(-count // layer["stride"])
        views = torch.ones(2, clips, count)
        views[:, 1, count * 2 // 3:] = 0      # a shorter clip
        views[:, 4, count // 2:] = 0
        views[1, :, count // 3:] = 0          # the beginning of each
        features[1, frames * 2 // 3:] = 0
        features[4, frames // 2:] = 0
        labels = F.one_hot(torch.arange(clips) % classes, classes).float()
        targets = (0.9 * labels + 0.1 / classes).repeat(2, 1)
        tensors = {"features": features, "views": views, "targets": targets,
                   "class_weights": torch.rand(classes) + 0.5, "speech": (torch.rand(clips, count) > 0.5).float()}
        start = {"weights." + key: p.detach().clone() for key, p in model.named_parameters()}
        save("network-" + name, tensors | start | constants | run(model, tensors))
        cases.append({"name": "network-" + name, "inputs": shape["inputCount"], "width": shape["width"],
                      "front": shape["front"], "kernel": shape["blocks"]["kernel"],
                      "dilations": shape["blocks"]["dilations"], "blocks": shape["blocks"]["kind"],
                      "expansion": shape["blocks"]["expansion"], "activation": shape["activation"],
                      "recurrentLayers": shape.get("recurrentLayers", 0), "pooling": model.pooling,
                      "hiddenCount": shape["hiddenCount"],
                      "classes": classes, "clips": clips, "frames": frames,
                      **{key: shape[key] for key in ("taps", "predictionCount") if key in shape}})
    return cases


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    cases = {"layers": layer_cases(layers()), "networks": network_cases(NETWORKS)}
    loss_cases()
    cases["layers"] += layer_cases(statistics_layers())
    cases["networks"] += network_cases(STATISTICS)
    (FOLDER / "cases.json").write_text(json.dumps(cases, indent=2) + "\n")
    provenance.write(FOLDER, "training.py", ["torch", "safetensors", "numpy"], seed=SEED)


if __name__ == "__main__":
    main()
