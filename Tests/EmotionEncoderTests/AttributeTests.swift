// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import Foundation
import ModelBundle
import TestSupport
import Testing

/// Heads for arousal and other attributes, in addition to the classes.
struct AttributeTests {
    private static let names = ["arousal", "dominance"]

    private func refusal(_ attributes: [String], tensorsFor count: Int) throws -> String {
        let architecture = SmallEncoders.architectures[0]
        let tensors = SmallEncoders.tensors(architecture, attributeCount: count)
        return try #require(throws: ModelError.self) {
            try EmotionEncoder(
                configuration: SmallEncoders.configuration(architecture, attributes: attributes),
                tensors: TensorFile(decoding: TensorFile.encode(tensors), path: "small")
            )
        }.description
    }

    @Test func namesWithoutTensorsAndTensorsWithoutNamesAreReported() throws {
        #expect(try refusal(Self.names, tensorsFor: 0).contains("no tensor \"attributes.weight\""))
        #expect(try refusal([], tensorsFor: 2).contains("\"attributes.bias\" is not part"))
        #expect(try refusal(["arousal"], tensorsFor: 2).contains("has shape [2, 20], not [1, 20]"))
    }

    @Test func aConfigurationWithoutAttributesDoesNotNameThem() throws {
        let architecture = SmallEncoders.architectures[0]
        for attributes in [[], Self.names] {
            let configuration = SmallEncoders.configuration(architecture, attributes: attributes)
            let json = try JSONEncoder().encode(configuration)
            #expect(String(decoding: json, as: UTF8.self).contains("attributes") != attributes.isEmpty)
            #expect(try JSONDecoder().decode(ModelConfiguration.self, from: json) == configuration)
        }
    }

    @Test(arguments: SmallEncoders.architectures)
    func stepsGiveTheAttributesOfTheWholeSequence(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture, attributes: Self.names)
        let frames = SmallEncoders.frames(61, of: architecture)
        var state = encoder.makeState()
        _ = encoder.run(frames, &state)
        let whole = encoder.forward(frames).attributes
        #expect(largestDifference(encoder.attributes(&state).values, whole) < 1e-5)
        #expect(whole.count == 2 && whole.allSatisfy { (-1...1).contains($0) })
    }

    @Test(arguments: SmallEncoders.architectures)
    func attributesDoNotChangeTheClasses(_ architecture: EncoderArchitecture) throws {
        let frames = SmallEncoders.frames(30, of: architecture)
        let with = try SmallEncoders.encoder(architecture, attributes: Self.names)
        let without = try SmallEncoders.encoder(architecture)
        #expect(with.forward(frames).logits == without.forward(frames).logits)
        #expect(with.parameterCount == without.parameterCount + 2 * (architecture.pooledCount + 1))
    }

    @Test(.enabled(if: canCountAllocations), arguments: SmallEncoders.architectures)
    func attributesNeverAllocate(_ architecture: EncoderArchitecture) throws {
        let encoder = try SmallEncoders.encoder(architecture, attributes: Self.names)
        var state = encoder.makeState()
        _ = encoder.run(SmallEncoders.frames(40, of: architecture), &state)
        var values = encoder.attributes(&state).values  // the first call may create type metadata
        let count = allocations {
            var span = values.mutableSpan
            _ = encoder.attributes(of: &state, into: &span)
        }
        #expect(count == 0)
    }
}
