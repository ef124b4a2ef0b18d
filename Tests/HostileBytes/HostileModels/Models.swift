// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import EmotionStream
public import FuzzInvariants
import ModelBundle

/// `model.safetensors`, and `config.json` with tensors that match it.
public let modelInputs = [
    HostileInput("tensors", feedTensors),
    HostileInput("model", feedModel),
]

/// An accepted file contains what its header declares: that many finite numbers, and no other bytes.
private func feedTensors(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard let file = try? TensorFile(decoding: bytes, path: "model.safetensors") else { return }
    var tensors: [NamedTensor] = []
    for name in file.names {
        guard let shape = file.shape(of: name), let values = try? file.floats(of: name, shape: shape) else {
            throw BrokenPromise(description: "a tensor that was accepted cannot be read")
        }
        try promise(values.count == shape.reduce(1, *), "\(values.count) values for the shape \(shape)")
        try promise(values.allSatisfy(\.isFinite), "a number is not finite")
        try plantedBug(when: name.hasPrefix("bug"))
        tensors.append(NamedTensor(name: name, shape: shape, values: values))
    }
    try promise(4 * file.parameterCount <= bytes.count, "the file has more numbers than bytes")
    let again = try? TensorFile(decoding: TensorFile.encode(tensors), path: "model.safetensors")
    try promise(again?.names == file.names, "the names change when the file is written and read again")
}

/// Maximum size of a network that is built: enough for every kind of layer, and small enough to be fast.
private let mostParameters = 20_000

/// An accepted description gives a network that processes frames, and all its outputs are finite and in range.
private func feedModel(_ bytes: [UInt8]) throws(BrokenPromise) {
    guard let none = try? TensorFile(decoding: TensorFile.encode([]), path: "model.safetensors"),
        let folder = try? ModelFolder(path: "model", configuration: bytes, tensors: none),
        let configuration: ModelConfiguration = try? folder.decodeConfiguration(),
        (try? configuration.validate()) != nil
    else { return }
    let shapes = configuration.encoder.tensorShapes(
        labelCount: configuration.labels.count,
        attributeCount: configuration.attributes.count
    )
    guard parameterCount(shapes) <= mostParameters else { return }
    let tensors = shapes.map { tensor in
        let count = tensor.shape.reduce(1, *)
        return NamedTensor(
            name: tensor.name,
            shape: tensor.shape,
            values: (0..<count).map { Float($0 % 7) / 16 - 0.1875 }
        )
    }
    guard let weights = try? TensorFile(decoding: TensorFile.encode(tensors), path: "model.safetensors"),
        let whole = try? ModelFolder(path: "model", configuration: bytes, tensors: weights)
    else { throw BrokenPromise(description: "the tensors of an accepted description are refused") }
    guard let model = try? StreamModel(whole) else { return }
    try plantedBug(when: configuration.encoder.width == 7)
    try listen(model)
}

private func parameterCount(_ shapes: [EncoderArchitecture.TensorShape]) -> Int {
    shapes.reduce(0) { $0 + $1.shape.reduce(1, *) }
}

private func listen(_ model: StreamModel) throws(BrokenPromise) {
    var pipeline = EmotionPipeline(model)
    let wave = (0..<4_800).map { Float($0 % 100) / 100 - 0.5 }
    var eventCount = 0
    pipeline.step(wave.span) { _ in eventCount += 1 }
    pipeline.finish { _ in eventCount += 1 }
    let waiting = 4_800 - pipeline.position
    try promise((0..<Int64(model.hopSamples)).contains(waiting), "\(waiting) samples are buffered")
    try promise(eventCount <= 4_800, "more events than samples")
}
