// SPDX-License-Identifier: Apache-2.0
import ModelBundle
import TestSupport
import Testing

struct TensorFileTests {
    private let tensors = [
        NamedTensor(name: "b.weight", shape: [2, 3], values: [1, -2, 3.5, 0, -0, 1e-30]),
        NamedTensor(name: "a \"quoted\" name\n", shape: [1], values: [.greatestFiniteMagnitude]),
        NamedTensor(name: "scalar", shape: [], values: [7]),
    ]

    @Test func writtenValuesAreReadBack() throws {
        let file = try TensorFile(decoding: TensorFile.encode(tensors), path: "memory")
        #expect(file.names == tensors.map(\.name).sorted())
        #expect(file.parameterCount == 8)
        for tensor in tensors {
            #expect(file.shape(of: tensor.name) == tensor.shape)
            #expect(try file.floats(of: tensor.name, shape: tensor.shape) == tensor.values)
        }
    }

    @Test func numbersBeginAtAMultipleOfEight() {
        for length in 1...9 {
            let name = String(repeating: "n", count: length)
            let bytes = TensorFile.encode([NamedTensor(name: name, shape: [1], values: [1])])
            #expect((bytes.count - 4).isMultiple(of: 8))
        }
    }

    @Test func aMissingTensorAndAWrongShapeAreReportedByName() throws {
        let file = try TensorFile(decoding: TensorFile.encode(tensors), path: "memory")
        #expect(throws: ModelError.incompatible(reason: "memory has no tensor \"c\"")) {
            try file.floats(of: "c", shape: [1])
        }
        #expect(
            throws: ModelError.incompatible(reason: "the tensor \"scalar\" of memory has shape [], not [1]")
        ) {
            try file.floats(of: "scalar", shape: [1])
        }
    }

    @Test(arguments: HostileFile.all)
    func hostileFilesAreRefusedWithTheReason(_ file: HostileFile) throws {
        let error = try #require(throws: ModelError.self) { try TensorFile(decoding: file.bytes, path: "x") }
        #expect(error.description.contains(file.reason))
        #expect(error.description.utf8.count < 400 && !error.description.contains("\n"))
    }

    @Test func theTableOfHostileFilesCoversTheThreats() {
        #expect(HostileFile.all.count >= 30)
    }

    @Test func aFileTruncatedAnywhereIsRefused() {
        let bytes = TensorFile.encode([
            NamedTensor(name: "a", shape: [3, 5], values: Array(repeating: 1, count: 15)),
            NamedTensor(name: "b", shape: [4000], values: Array(repeating: 2, count: 4000)),
        ])
        let headerEnd = bytes.count - 4 * 4015
        let cuts = Array(0...headerEnd + 64) + stride(from: headerEnd + 64, to: bytes.count, by: 97)
        for count in cuts {
            #expect(throws: ModelError.self, "cut to \(count) bytes") {
                try TensorFile(decoding: Array(bytes.prefix(count)), path: "x")
            }
        }
    }

    @Test func randomDamageNeverTraps() throws {
        let original = TensorFile.encode(tensors)
        var random = SeededRandom(seed: 7)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            do {
                let file = try TensorFile(decoding: bytes, path: "x")
                for name in file.names {
                    _ = try file.floats(of: name, shape: #require(file.shape(of: name)))
                }
            } catch {
                refused += 1
            }
        }
        #expect(refused > 10_000)
    }
}
