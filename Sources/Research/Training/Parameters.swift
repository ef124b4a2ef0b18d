// SPDX-License-Identifier: Apache-2.0

/// All trainable weights of a network in one buffer, and their gradients in another.
///
/// With one buffer, the optimiser, clipping, averaging and checkpoints are plain loops, independent of layers.
public final class Parameters<Scalar: TrainingScalar> {
    /// The location of one tensor in the buffers.
    public struct Entry: Sendable, Equatable {
        /// PyTorch-style name, such as `blocks.0.conv.weight`.
        public let name: String
        /// PyTorch's shape.
        public let shape: [Int]
        /// Index of its first value in the buffers.
        public let offset: Int
        /// Product of the shape.
        public var count: Int { shape.reduce(1, *) }
        /// True if weight decay applies: to matrices, not to biases and norms.
        public var decays: Bool { shape.count > 1 }
    }

    /// The tensors in the order in which they were added.
    public private(set) var entries: [Entry] = []
    /// Number of weights.
    public private(set) var count = 0
    private(set) var values: UnsafeMutablePointer<Scalar> = .allocate(capacity: 1)
    private(set) var gradients: UnsafeMutablePointer<Scalar> = .allocate(capacity: 1)

    /// An empty set; each layer adds its tensors.
    public init() {}

    deinit {
        values.deallocate()
        gradients.deallocate()
    }

    /// Adds a tensor, filled by `initial`. Only while the network is being built.
    func add(_ name: String, _ shape: [Int], _ initial: () -> Scalar) -> Parameter<Scalar> {
        let entry = Entry(name: name, shape: shape, offset: count)
        let grown = UnsafeMutablePointer<Scalar>.allocate(capacity: count + entry.count)
        grown.update(from: values, count: count)
        for index in 0..<entry.count { (grown + count + index).initialize(to: initial()) }
        values.deallocate()
        values = grown
        gradients.deallocate()
        count += entry.count
        gradients = .allocate(capacity: count)
        gradients.clear(count: count)
        entries.append(entry)
        return Parameter(owner: self, entry: entry)
    }

    /// Sets all gradients to zero.
    public func clearGradients() { gradients.clear(count: count) }

    /// A copy of one tensor.
    public subscript(name: String) -> [Scalar]? {
        get {
            entries.first { $0.name == name }.map {
                Array(UnsafeBufferPointer(start: values + $0.offset, count: $0.count))
            }
        }
        set {
            guard let entry = entries.first(where: { $0.name == name }), let newValue else { return }
            precondition(
                newValue.count == entry.count,
                "\(name) has \(entry.count) numbers, not \(newValue.count)"
            )
            copy(newValue, to: values + entry.offset)
        }
    }

    /// All weights in order.
    public var all: [Scalar] {
        get { Array(UnsafeBufferPointer(start: values, count: count)) }
        set {
            precondition(newValue.count == count)
            copy(newValue, to: values)
        }
    }

    /// Calls `body` with all gradients in order, so that it can for example add those of other processes.
    public func withGradients<Failure: Error>(
        _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Void
    ) throws(Failure) {
        try body(UnsafeMutableBufferPointer(start: gradients, count: count))
    }

    /// All gradients in order.
    public var allGradients: [Scalar] { Array(UnsafeBufferPointer(start: gradients, count: count)) }

    private func copy(_ numbers: [Scalar], to place: UnsafeMutablePointer<Scalar>) {
        numbers.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { place.update(from: base, count: source.count) }
        }
    }
}

/// A layer's view of one tensor of the parameters.
struct Parameter<Scalar: TrainingScalar> {
    // A layer belongs to the network that owns the parameters.
    unowned let owner: Parameters<Scalar>
    let entry: Parameters<Scalar>.Entry

    var values: UnsafeMutablePointer<Scalar> { owner.values + entry.offset }
    var gradients: UnsafeMutablePointer<Scalar> { owner.gradients + entry.offset }

    /// A tensor `[rows, ...]` as a matrix.
    var matrix: Matrix<Scalar> { Matrix(values, rows: entry.shape[0], columns: entry.count / entry.shape[0]) }
    var gradientMatrix: Matrix<Scalar> {
        Matrix(gradients, rows: entry.shape[0], columns: entry.count / entry.shape[0])
    }
}
