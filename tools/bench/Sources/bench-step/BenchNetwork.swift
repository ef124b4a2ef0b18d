// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModelBundle

/// A streaming network and its input: `step` takes the frames of one embedding and gives probabilities.
protocol BenchNetwork: AnyObject {
    /// Feature frames for each embedding.
    var framesPerStep: Int { get }
    var inputCount: Int { get }
    var probabilities: [Float] { get }

    /// Resets the state.
    func reset()
    /// Processes `[framesPerStep, inputCount]` and updates the probabilities.
    func step(_ frames: [Float])
}

extension BenchNetwork {
    /// The real time between two steps, at one feature frame each 10 ms.
    var periodSeconds: Double { 0.01 * Double(framesPerStep) }

    func step() { step(noise) }

    /// Largest difference of a probability from PyTorch's, over all steps.
    func largestDifference(from path: String) throws -> Float {
        let file = try TensorFile(decoding: readAll(path), path: path)
        guard let shape = file.shape(of: "frames"), let expectedShape = file.shape(of: "probabilities") else {
            throw ModelError.incompatible(reason: "\(path) contains no expected values")
        }
        let frames = try file.floats(of: "frames", shape: shape)
        let expected = try file.floats(of: "probabilities", shape: expectedShape)
        let (size, labelCount) = (framesPerStep * inputCount, expectedShape[1])
        reset()
        return (0..<expectedShape[0]).map { index in
            step(Array(frames[index * size..<(index + 1) * size]))
            let row = expected[index * labelCount..<(index + 1) * labelCount]
            return zip(probabilities, row).map { abs($0 - $1) }.max() ?? .infinity
        }.max() ?? .infinity
    }
}

/// Random input with the size of normalised features.
private let noise: [Float] = (0..<8 * 256).map { sin(Float($0) * 12.9898) * 1.5 }

func readAll(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else {
        throw ModelError.unreadable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&part, 1, part.count, file)
        if count == 0 { return bytes }
        bytes += part[..<count]
    }
}
