// SPDX-License-Identifier: Apache-2.0
public import ModelBundle
public import NeuralLayers
public import StepKernels

/// Shape of the network: exactly the numbers that are needed to build it.
public struct EncoderArchitecture: Codable, Hashable, Sendable {
    /// Number of values in a feature frame.
    public var inputCount: Int
    /// Channels of every layer after the first, and of the embedding.
    public var width: Int
    /// The function between layers: `relu` or `gelu`.
    public var activation: Activation
    /// Convolutions that reduce the rate of features to that of embeddings.
    public var front: [FrontLayer]
    /// The residual blocks.
    public var blocks: Blocks
    /// True if a GRU follows the blocks.
    public var isRecurrent: Bool
    /// Kind of pooling: `attention` if the file has none, `mean`, `gated` or `statistics`.
    public var pooling: Pooling.Kind
    /// Units between pooling and classes; 0 for none.
    public var hiddenCount: Int
    /// Share of the pool that is kept at each embedding, 0...1; 1 keeps all.
    public var forgetting: Float
    // Both nil for a model without them, so that its file is unchanged from before they existed.
    private var tapNames: [Tap]?
    private var predictions: Int?

    private enum CodingKeys: String, CodingKey {
        case inputCount, width, activation, front, blocks, isRecurrent, pooling, hiddenCount, forgetting
        case tapNames = "taps"
        case predictions = "predictionCount"
    }

    /// Parts of a pooled frame, in order; only `statistics` can pool others than the embedding alone.
    public var taps: [Tap] {
        get { tapNames ?? [.embedding] }
        set { tapNames = newValue == [.embedding] ? nil : newValue }
    }

    /// Size of a teacher's vector that a linear layer predicts from the embedding; 0 for no such layer.
    public var predictionCount: Int {
        get { predictions ?? 0 }
        set { predictions = newValue == 0 ? nil : newValue }
    }

    /// A place in the network whose values are pooled.
    public enum Tap: String, Codable, Sendable, CaseIterable {
        /// The output of the last residual block, before the GRU; `width` values.
        case blocks
        /// The output of `norm`; `width` values.
        case embedding
        /// The prediction of the teacher's vector; `predictionCount` values.
        case prediction
    }

    /// One convolution of the front.
    public struct FrontLayer: Codable, Hashable, Sendable {
        /// Frames under the kernel.
        public var kernel: Int
        /// Number of input frames for each output frame.
        public var stride: Int

        /// A convolution over `kernel` frames with the given `stride`.
        public init(kernel: Int, stride: Int) {
            self.kernel = kernel
            self.stride = stride
        }
    }

    /// The residual blocks, all of one kind.
    public struct Blocks: Codable, Hashable, Sendable {
        /// Structure of a block.
        public enum Kind: String, Codable, Sendable, CaseIterable {
            /// x + pointwise(activation(convolution(norm(x))))
            case convolution
            /// x + contract(activation(expand(norm(depthwise(x))))), after ConvNeXt (arXiv:2201.03545).
            case depthwise
        }

        /// Structure of each block.
        public var kind: Kind
        /// Number of taps of each convolution.
        public var kernel: Int
        /// The dilation of each block, first to last.
        public var dilations: [Int]
        /// Width of the middle of a depthwise block relative to the block; 1 for the other kind.
        public var expansion: Int

        /// Creates one block of this kind for each dilation.
        public init(kind: Kind, kernel: Int, dilations: [Int], expansion: Int = 1) {
            self.kind = kind
            self.kernel = kernel
            self.dilations = dilations
            self.expansion = expansion
        }
    }

    /// Creates a description; `validate()` checks it.
    public init(
        inputCount: Int,
        width: Int,
        activation: Activation = .relu,
        front: [FrontLayer],
        blocks: Blocks,
        isRecurrent: Bool = false,
        pooling: Pooling.Kind = .attention,
        hiddenCount: Int = 0,
        forgetting: Float = 1,
        taps: [Tap] = [.embedding],
        predictionCount: Int = 0
    ) {
        self.inputCount = inputCount
        self.width = width
        self.activation = activation
        self.front = front
        self.blocks = blocks
        self.isRecurrent = isRecurrent
        self.pooling = pooling
        self.hiddenCount = hiddenCount
        self.forgetting = forgetting
        self.taps = taps
        self.predictionCount = predictionCount
    }

    /// Number of values of one tap in a pooled frame.
    public func channelCount(of tap: Tap) -> Int { tap == .prediction ? predictionCount : width }

    /// Number of values in a pooled frame: those of all taps.
    public var frameCount: Int { taps.reduce(0) { $0 + channelCount(of: $1) } }

    /// Number of values in the pooled vector, which the heads read: for `statistics` a mean and a deviation for each value
    /// of a frame.
    public var pooledCount: Int { pooling == .statistics ? 2 * frameCount : frameCount }

    /// Longest past, in feature frames, that a convolutional network may depend on: a minute of 10 ms hops.
    static let maximumLeftContext = 6000

    /// Throws for numbers outside the supported ranges, so that a hostile file cannot cause a huge allocation.
    public func validate() throws(ModelError) {
        try require(inputCount, in: 1...1024, "inputCount")
        try require(width, in: 1...1024, "width")
        try require(hiddenCount, in: 0...4096, "hiddenCount")
        try require((0...1).contains(forgetting), "encoder.forgetting is not 0 to 1")
        try require(predictionCount, in: 0...2048, "predictionCount")
        try validateTaps()
        try require([.relu, .gelu].contains(activation), "encoder.activation is neither relu nor gelu")
        try require(front.count, in: 1...4, "front.count")
        for layer in front {
            try require(layer.kernel, in: 1...64, "front.kernel")
            try require(layer.stride, in: 1...min(8, layer.kernel), "front.stride")
        }
        try require(blocks.kernel, in: 1...64, "blocks.kernel")
        try require(blocks.expansion, in: 1...8, "blocks.expansion")
        try require(blocks.dilations.count, in: 0...64, "blocks.dilations.count")
        for dilation in blocks.dilations { try require(dilation, in: 1...1024, "blocks.dilations") }
        try require(
            convolutionGeometry.leftContext ?? 0 <= Self.maximumLeftContext,
            "its convolutions look further back than \(Self.maximumLeftContext) frames"
        )
    }

    private func validateTaps() throws(ModelError) {
        try require(
            !taps.isEmpty && Set(taps).count == taps.count,
            "encoder.taps is empty or has a duplicate tap"
        )
        try require(
            pooling == .statistics || taps == [.embedding],
            "encoder.taps other than embedding need the pooling statistics"
        )
        try require(
            predictionCount > 0 || !taps.contains(.prediction),
            "encoder.taps has prediction, and encoder.predictionCount is 0"
        )
    }

    private func require(_ condition: Bool, _ reason: String) throws(ModelError) {
        guard condition else { throw .incompatible(reason: reason) }
    }

    private func require(_ value: Int, in range: ClosedRange<Int>, _ name: String) throws(ModelError) {
        let reason = "encoder.\(name) is \(value), not \(range.lowerBound) to \(range.upperBound)"
        try require(range.contains(value), reason)
    }

    /// Range of feature frames that an embedding depends on, computed from the layers.
    public var geometry: StreamGeometry {
        isRecurrent ? convolutionGeometry.followed(by: StreamGeometry(leftContext: nil)) : convolutionGeometry
    }

    private var convolutionGeometry: StreamGeometry {
        let front = front.reduce(StreamGeometry.pointwise) { geometry, layer in
            geometry.followed(by: StreamGeometry(leftContext: layer.kernel - 1, stride: layer.stride))
        }
        return blocks.dilations.reduce(front) { geometry, dilation in
            geometry.followed(by: StreamGeometry(leftContext: (blocks.kernel - 1) * dilation))
        }
    }
}

extension EncoderArchitecture {
    /// Decodes a description; the first models were written when there was only one kind of pooling.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        inputCount = try values.decode(Int.self, forKey: .inputCount)
        width = try values.decode(Int.self, forKey: .width)
        activation = try values.decode(Activation.self, forKey: .activation)
        front = try values.decode([FrontLayer].self, forKey: .front)
        blocks = try values.decode(Blocks.self, forKey: .blocks)
        isRecurrent = try values.decode(Bool.self, forKey: .isRecurrent)
        pooling = try Self.pooling(values)
        hiddenCount = try values.decode(Int.self, forKey: .hiddenCount)
        forgetting = try values.decode(Float.self, forKey: .forgetting)
        taps = try values.decodeIfPresent([Tap].self, forKey: .tapNames) ?? [.embedding]
        predictionCount = try values.decodeIfPresent(Int.self, forKey: .predictions) ?? 0
    }

    private static func pooling(_ values: KeyedDecodingContainer<CodingKeys>) throws -> Pooling.Kind {
        guard let name = try values.decodeIfPresent(String.self, forKey: .pooling) else { return .attention }
        if let kind = Pooling.Kind(rawValue: name) { return kind }
        let known = Pooling.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        throw DecodingError.dataCorruptedError(
            forKey: .pooling,
            in: values,
            debugDescription: "\"\(name)\" is none of \(known)"
        )
    }
}
