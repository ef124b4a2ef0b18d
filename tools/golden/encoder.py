# SPDX-License-Identifier: Apache-2.0
"""The network of EmotionEncoder in PyTorch, and golden model folders from it.

    python tools/golden/encoder.py       writes Tests/Fixtures/golden/encoder

`EmotionEncoder` below is the reference for the one in Sources/EmotionEncoder: it uses the same config.json and tensor
names, and each golden folder is a complete model folder with an additional `expected.safetensors`.
"""
import hashlib
import json

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

import provenance
from pooling import SCORES, pool, score

SEED = 20261121
FOLDER = provenance.FIXTURES / "encoder"
ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu}


class CausalConv(nn.Conv1d):
    """[B, C, T]: a causal convolution."""

    def forward(self, x):
        return super().forward(F.pad(x, ((self.kernel_size[0] - 1) * self.dilation[0], 0)))


class Block(nn.Module):
    def __init__(self, width, kind, kernel, dilation, expansion, activation):
        super().__init__()
        self.kind = kind
        self.activation = ACTIVATIONS[activation]
        self.norm = nn.LayerNorm(width)
        if kind == "convolution":
            self.conv = CausalConv(width, width, kernel, dilation=dilation)
            self.pointwise = nn.Linear(width, width)
        else:
            self.conv = CausalConv(width, width, kernel, dilation=dilation, groups=width)
            self.expand = nn.Linear(width, expansion * width)
            self.contract = nn.Linear(expansion * width, width)

    def forward(self, x):  # [B, T, C]
        if self.kind == "convolution":
            y = self.conv(self.norm(x).transpose(1, 2)).transpose(1, 2)
            return x + self.pointwise(self.activation(y))
        y = self.norm(self.conv(x.transpose(1, 2)).transpose(1, 2))
        return x + self.contract(self.activation(self.expand(y)))


class EmotionEncoder(nn.Module):
    def __init__(self, configuration):
        super().__init__()
        self.configuration = configuration
        shape = configuration["encoder"]
        width, labels, hidden = shape["width"], len(configuration["labels"]), shape["hiddenCount"]
        self.activation = ACTIVATIONS[shape["activation"]]
        self.register_buffer("mean", torch.zeros(shape["inputCount"]))
        self.register_buffer("scale", torch.ones(shape["inputCount"]))
        inputs = [shape["inputCount"]] + [width] * (len(shape["front"]) - 1)
        self.front = nn.ModuleList(
            CausalConv(n, width, layer["kernel"], stride=layer["stride"]) for n, layer in zip(inputs, shape["front"]))
        blocks = shape["blocks"]
        self.blocks = nn.ModuleList(
            Block(width, blocks["kind"], blocks["kernel"], dilation, blocks["expansion"], shape["activation"])
            for dilation in blocks["dilations"])
        self.gru = nn.GRU(width, width, batch_first=True) if shape["isRecurrent"] else None
        self.norm = nn.LayerNorm(width)
        self.speech = nn.Linear(width, 1)
        self.pooling = shape.get("pooling", "attention")
        if self.pooling in SCORES:
            self.add_module(SCORES[self.pooling], nn.Linear(width, 1))
        self.taps = shape.get("taps", ["embedding"])
        predictions = shape.get("predictionCount", 0)
        self.prediction = nn.Linear(width, predictions) if predictions else None
        pooled = sum(predictions if tap == "prediction" else width for tap in self.taps)
        if self.pooling == "statistics":
            pooled *= 2
            self.register_buffer("pool_mean", torch.zeros(pooled))
            self.register_buffer("pool_deviation", torch.ones(pooled))
        self.hidden = nn.Linear(pooled, hidden) if hidden else None
        self.classes = nn.Linear(hidden or pooled, labels)
        names = configuration.get("attributes", [])
        self.attributes = nn.Linear(pooled, len(names)) if names else None

    def encode(self, frames):  # [B, T, inputCount] -> [B, T', width] twice: after the blocks, and the embeddings
        x = ((frames - self.mean) * self.scale).clamp(-10, 10)
        for layer in self.front:
            x = self.activation(layer(x.transpose(1, 2)).transpose(1, 2))
        for block in self.blocks:
            x = block(x)
        y = x if self.gru is None else x + self.gru(x)[0]
        return x, self.norm(y)

    def pool(self, blocks, embeddings, outside):
        """[..., T, width] twice, [..., T] -> [..., pooled], and the same standardised."""
        sources = {"blocks": blocks, "embedding": embeddings,
                   "prediction": None if self.prediction is None else self.prediction(embeddings)}
        frames = torch.cat([sources[tap] for tap in self.taps], -1)
        pooled = pool(self.pooling, frames, outside, score(self, self.pooling, embeddings))
        if self.pooling != "statistics":
            return pooled, pooled
        return pooled, (pooled - self.pool_mean) / self.pool_deviation

    def classify(self, pooled):  # [B, pooled] -> [B, labels]
        if self.hidden is not None:
            pooled = self.activation(self.hidden(pooled))
        return self.classes(pooled)

    def forward(self, frames):
        blocks, x = self.encode(frames)
        speech = torch.sigmoid(self.speech(x))[..., 0]
        age = torch.arange(x.shape[1] - 1, -1, -1)
        weights = speech * self.configuration["encoder"]["forgetting"] ** age
        raw, pooled = self.pool(blocks, x, weights)
        attributes = None if self.attributes is None else self.attributes(pooled).clamp(-1, 1)
        return x, speech, raw, self.classify(pooled), attributes

    def tensors(self):
        """The parameters under the names of a model file."""
        names = {"mean": "input.mean", "scale": "input.scale", "pool_mean": "pool.mean", "pool_deviation": "pool.deviation"}
        return {names.get(key, key): value.contiguous()
                for key, value in self.state_dict().items()}


def write_model(model, folder):
    """A model folder that ModelFolder reads."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / "model.safetensors"
    save_file(model.tensors(), weights)
    sealed = model.configuration | {"weights": {"sha256": hashlib.sha256(weights.read_bytes()).hexdigest()}}
    (folder / "config.json").write_text(json.dumps(sealed, indent=2) + "\n")


def configuration(name, temperature=1.0, attributes=(), **encoder):
    labels = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"]
    defaults = {"activation": "relu", "isRecurrent": False, "hiddenCount": 0, "forgetting": 1}
    return {"formatVersion": 1, "id": name, "labels": labels, "encoder": defaults | encoder,
            "calibration": {"temperature": temperature}} | ({"attributes": list(attributes)} if attributes else {})


def strided(*kernels):
    return [{"kernel": kernel, "stride": 2} for kernel in kernels]


def blocks(kind, kernel, dilations, expansion=1):
    return {"kind": kind, "kernel": kernel, "dilations": dilations, "expansion": expansion}


CONFIGURATIONS = [
    configuration("convolution", inputCount=14, width=24, front=strided(5, 3),
                  blocks=blocks("convolution", 3, [1, 2, 4]), temperature=1.7),
    configuration("depthwise", inputCount=9, width=20, front=strided(5), activation="gelu", hiddenCount=11,
                  blocks=blocks("depthwise", 7, [1, 2], expansion=3)),
    configuration("recurrent", inputCount=6, width=16, front=strided(4), isRecurrent=True, forgetting=0.98,
                  blocks=blocks("convolution", 2, [3])),
    configuration("recurrent-mean", inputCount=6, width=16, front=strided(4, 3), isRecurrent=True, pooling="mean",
                  blocks=blocks("convolution", 1, [])),
    configuration("gated", inputCount=7, width=16, front=strided(5), activation="gelu", forgetting=0.99,
                  pooling="gated", blocks=blocks("convolution", 3, [1, 2])),
    configuration("attributes", inputCount=5, width=12, front=strided(3), hiddenCount=6,
                  attributes=["arousal", "valence", "dominance"], blocks=blocks("convolution", 2, [1, 2])),
    configuration("statistics", inputCount=6, width=12, front=strided(5, 3), isRecurrent=True, pooling="statistics",
                  taps=["blocks", "embedding", "prediction"], predictionCount=7, temperature=1.3,
                  attributes=["arousal"], blocks=blocks("convolution", 3, [1, 2])),
    configuration("statistics-prediction", inputCount=5, width=10, front=strided(4), pooling="statistics", hiddenCount=8,
                  taps=["prediction", "blocks"], predictionCount=6, forgetting=0.98, activation="gelu",
                  blocks=blocks("depthwise", 5, [1], expansion=2)),
]


def main():
    torch.set_num_threads(1)
    for config in CONFIGURATIONS:
        torch.manual_seed(SEED)
        model = EmotionEncoder(config).eval()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.mul_(1.5).add_(0.1 * torch.randn_like(parameter))
            model.mean.normal_(0, 2)
            model.scale.uniform_(0.3, 2)
            if model.pooling == "statistics":
                model.pool_mean.normal_(0, 0.3)
                model.pool_deviation.uniform_(0.5, 2)
            frames = 4 * torch.randn(1, 83, config["encoder"]["inputCount"])
            embeddings, speech, pooled, logits, attributes = model(frames)
            probabilities = torch.softmax(logits / config["calibration"]["temperature"], -1)
        folder = FOLDER / config["id"]
        write_model(model, folder)
        expected = {"frames": frames, "embeddings": embeddings, "speech": speech, "logits": logits,
                    "probabilities": probabilities} | ({} if attributes is None else {"attributes": attributes})
        expected |= {"pooled": pooled} if model.pooling == "statistics" else {}
        save_file({key: value[0].contiguous() for key, value in expected.items()}, folder / "expected.safetensors")
    provenance.write(FOLDER, "encoder.py", ["torch", "safetensors", "numpy"], seed=SEED)


if __name__ == "__main__":
    main()
