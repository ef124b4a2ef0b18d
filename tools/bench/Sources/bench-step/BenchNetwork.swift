// SPDX-License-Identifier: Apache-2.0
import Glibc
import ModelBundle

/// A streaming network and its input: `step` takes the frames of one embedding and gives probabilities.
protocol BenchNetwork: AnyObject {
    /// Feature frames for each embedding.
    var framesPerStep: Int { get }
    var inputCount: Int { get }
    var probabilities: [Float] { get }

    /// Forgets everything heard.
    func reset()
    /// Takes `[framesPerStep, inputCount]` and updates the probabilities.
    func step(_ frames: [Float])
}

extension BenchNetwork {
    /// The real time between two steps, at one feature frame each 10 ms.
    var periodSeconds: Double { 0.01 * Double(framesPerStep) }

    func step() { step(noise) }

    /// The largest difference of any probability, after any step, from what PyTorch wrote.
    func largestDifference(from path: String) throws -> Float {
        let file = try TensorFile(decoding: readAll(path), path: path)
        guard let shape = file.shape(of: "frames"), let expectedShape = file.shape(of: "probabilities") else {
            throw ModelError.incompatible(reason: "\(path) holds no expected answers")
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

/// Input of no meaning but of the size of normalised features.
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
