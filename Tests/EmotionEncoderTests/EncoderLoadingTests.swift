// SPDX-License-Identifier: Apache-2.0
import EmotionEncoder
import Foundation
import ModelBundle
import NeuralLayers
import StepKernels
import TestSupport
import Testing

/// One change to a valid configuration, and a part of the message with which it must be refused.
struct WrongConfiguration: CustomStringConvertible, Sendable {
    let description: String
    let change: @Sendable (inout ModelConfiguration) -> Void

    init(_ description: String, _ change: @escaping @Sendable (inout ModelConfiguration) -> Void) {
        self.description = description
        self.change = change
    }

    static let all = [
        WrongConfiguration("format version") { $0.formatVersion = 2 },
        WrongConfiguration("id") { $0.id = "" },
        WrongConfiguration("labels") { $0.labels = ["one"] },
        WrongConfiguration("duplicate label") { $0.labels = ["one", "one"] },
        WrongConfiguration("label is not 1") { $0.labels = ["one", ""] },
        WrongConfiguration(#"attribute "anger" is none of arousal, valence, dominance"#) {
            $0.attributes = ["arousal", "anger"]
        },
        WrongConfiguration("duplicate attribute") { $0.attributes = ["valence", "valence"] },
        WrongConfiguration("temperature") { $0.calibration.temperature = 0 },
        WrongConfiguration("inputCount") { $0.encoder.inputCount = -1 },
        WrongConfiguration("width") { $0.encoder.width = .max },
        WrongConfiguration("activation") { $0.encoder.activation = .tanh },
        WrongConfiguration("front.count is 0") { $0.encoder.front = [] },
        WrongConfiguration("front.kernel is 0") { $0.encoder.front[0].kernel = 0 },
        WrongConfiguration("front.stride is 0") { $0.encoder.front[0].stride = 0 },
        WrongConfiguration("front.stride is 2, not 1 to 1") { $0.encoder.front[1].kernel = 1 },
        WrongConfiguration("blocks.kernel") { $0.encoder.blocks.kernel = .max },
        WrongConfiguration("blocks.dilations.count is 65") {
            $0.encoder.blocks.dilations = Array(repeating: 1, count: 65)
        },
        WrongConfiguration("blocks.dilations is 0") { $0.encoder.blocks.dilations = [0] },
        WrongConfiguration("further back") {
            $0.encoder.blocks.dilations = Array(repeating: 1024, count: 64)
        },
        WrongConfiguration("expansion") { $0.encoder.blocks.expansion = 0 },
        WrongConfiguration("hiddenCount") { $0.encoder.hiddenCount = -1 },
        WrongConfiguration("forgetting") { $0.encoder.forgetting = 1.5 },
        WrongConfiguration("predictionCount is -1") { $0.encoder.predictionCount = -1 },
        WrongConfiguration("predictionCount is 9223372036854775807") { $0.encoder.predictionCount = .max },
        WrongConfiguration("taps is empty") { $0.encoder.taps = [] },
        WrongConfiguration("duplicate tap") { $0.encoder.taps = [.blocks, .blocks] },
        WrongConfiguration("need the pooling statistics") { $0.encoder.taps = [.blocks] },
        WrongConfiguration("taps has prediction") {
            ($0.encoder.pooling, $0.encoder.taps) = (.statistics, [.prediction])
        },
    ]
}

struct EncoderLoadingTests {
    private let architecture = SmallEncoders.architectures[0]

    private func refusal(
        _ configuration: ModelConfiguration,
        _ tensors: [NamedTensor]
    ) throws -> String {
        let file = try TensorFile(decoding: TensorFile.encode(tensors), path: "small")
        return try #require(throws: ModelError.self) {
            try EmotionEncoder(configuration: configuration, tensors: file)
        }.description
    }

    @Test(arguments: WrongConfiguration.all)
    func aConfigurationOutOfRangeIsRefused(_ wrong: WrongConfiguration) throws {
        var configuration = SmallEncoders.configuration(architecture)
        wrong.change(&configuration)
        #expect(try refusal(configuration, SmallEncoders.tensors(architecture)).contains(wrong.description))
    }

    @Test func missingUnknownAndMisshapenTensorsAreReported() throws {
        let configuration = SmallEncoders.configuration(architecture)
        let tensors = SmallEncoders.tensors(architecture)
        #expect(try refusal(configuration, tensors.dropLast()).contains("no tensor \"classes.bias\""))
        let strange = NamedTensor(name: "valence.bias", shape: [1], values: [0])
        #expect(try refusal(configuration, tensors + [strange]).contains("\"valence.bias\" is not part"))
        var misshapen = tensors
        misshapen[2].shape.swapAt(0, 1)
        #expect(try refusal(configuration, misshapen).contains("has shape [7, 20, 5], not [20, 7, 5]"))
    }

    private func decode(_ pooling: String) throws -> EncoderArchitecture {
        let json = """
            {"inputCount": 4, "width": 8, "activation": "relu", "front": [{"kernel": 3, "stride": 2}],
             "blocks": {"kind": "convolution", "kernel": 3, "dilations": [1], "expansion": 1},
             "isRecurrent": false, "hiddenCount": 0, "forgetting": 1\(pooling)}
            """
        return try JSONDecoder().decode(EncoderArchitecture.self, from: Data(json.utf8))
    }

    @Test func aFileWithoutAPoolingKindMeansAttention() throws {
        #expect(try decode("").pooling == .attention)
        #expect(try decode(#", "pooling": "gated""#).pooling == .gated)
    }

    @Test func anUnknownPoolingKindIsReportedWithTheKnownOnes() throws {
        let error = try #require(throws: DecodingError.self) { try decode(#", "pooling": "max""#) }
        #expect("\(error)".contains(#""max" is none of attention, mean, gated, statistics"#))
    }

    @Test func aFileWithoutTapsIsWrittenWithoutThem() throws {
        let old = try decode("")
        #expect(old.taps == [.embedding] && old.predictionCount == 0 && old.pooledCount == 8)
        #expect(try decode(#", "taps": ["embedding"], "predictionCount": 0"#) == old)
        let json = try String(decoding: JSONEncoder().encode(old), as: UTF8.self)
        #expect(!json.contains("taps") && !json.contains("predictionCount"))
    }

    @Test func tapsAreReadAsTheyWereWritten() throws {
        let fields = #", "pooling": "statistics", "taps": ["blocks", "prediction"], "predictionCount": 5"#
        let architecture = try decode(fields)
        #expect(architecture.taps == [.blocks, .prediction] && architecture.pooledCount == 26)
        let json = try JSONEncoder().encode(architecture)
        #expect(try JSONDecoder().decode(EncoderArchitecture.self, from: json) == architecture)
    }

    @Test(arguments: [Float(0), -1])
    func aDeviationThatIsNotAboveZeroIsRefused(_ deviation: Float) throws {
        let architecture = SmallEncoders.architectures[6]
        var tensors = SmallEncoders.tensors(architecture)
        let index = try #require(tensors.firstIndex { $0.name == "pool.deviation" })
        tensors[index].values[3] = deviation
        #expect(
            try refusal(SmallEncoders.configuration(architecture), tensors).contains("\"pool.deviation\"")
        )
    }

    @Test func poolingDecidesWhichTensorsThereAre() throws {
        for (pooling, name) in [(Pooling.Kind.attention, "attention"), (.gated, "gate")] {
            var architecture = architecture
            architecture.pooling = pooling
            let tensors = SmallEncoders.tensors(architecture)
            #expect(tensors.contains { $0.name == name + ".weight" })
            architecture.pooling = .mean
            let configuration = SmallEncoders.configuration(architecture)
            #expect(try refusal(configuration, tensors).contains("\"\(name).bias\" is not part"))
        }
    }

    @Test(arguments: SmallEncoders.architectures)
    func aFolderGivesTheNetworkThatWasWritten(_ architecture: EncoderArchitecture) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "undertone-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try ModelFolder.write(
            to: root.path,
            configuration: SmallEncoders.configuration(architecture),
            tensors: SmallEncoders.tensors(architecture),
            card: ""
        )
        let encoder = try EmotionEncoder(ModelFolder(path: root.path))
        let frames = SmallEncoders.frames(20, of: architecture)
        #expect(encoder.configuration == SmallEncoders.configuration(architecture))
        #expect(
            encoder.forward(frames).logits == (try SmallEncoders.encoder(architecture)).forward(frames).logits
        )
        #expect(
            encoder.parameterCount == SmallEncoders.tensors(architecture).reduce(0) { $0 + $1.values.count }
        )
    }
}
