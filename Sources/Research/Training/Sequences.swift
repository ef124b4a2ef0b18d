// SPDX-License-Identifier: Apache-2.0

/// A growable piece of heap that layers keep from step to step, so that a step allocates nothing once it is warm.
final class Workspace<Scalar: TrainingScalar> {
    private(set) var pointer: UnsafeMutablePointer<Scalar>
    private var capacity: Int

    init() {
        capacity = 1
        pointer = .allocate(capacity: 1)
    }

    deinit { pointer.deallocate() }

    /// Room for `count` numbers; what was there is gone.
    func reserve(_ count: Int) -> UnsafeMutablePointer<Scalar> {
        if count > capacity {
            pointer.deallocate()
            pointer = .allocate(capacity: count)
            capacity = count
        }
        return pointer
    }

    /// Room for `count` zeros.
    func zeros(_ count: Int) -> UnsafeMutablePointer<Scalar> {
        let pointer = reserve(count)
        pointer.clear(count: count)
        return pointer
    }
}

extension UnsafeMutablePointer where Pointee: TrainingScalar {
    /// Makes the first `count` numbers zero. `update(repeating:)` would go number by number in generic code.
    func clear(count: Int) {
        let bytes = count * MemoryLayout<Pointee>.stride
        UnsafeMutableRawPointer(self).initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }
}

/// A batch of sequences `[batch, frames, channels]`, row-major, in a layer's workspace.
///
/// Valid until the layer that made it works again.
public struct Sequences<Scalar: TrainingScalar> {
    /// B: how many sequences.
    public let batch: Int
    /// T: frames of the longest; shorter ones are padded at the end.
    public let frames: Int
    /// C: numbers per frame.
    public let channels: Int
    let data: UnsafeMutablePointer<Scalar>

    /// A copy of the numbers, row-major.
    public var values: [Scalar] { Array(UnsafeBufferPointer(start: data, count: count)) }

    /// B times T.
    var rows: Int { batch * frames }
    /// All numbers.
    var count: Int { rows * channels }
    /// All frames of all sequences, one a row.
    var matrix: Matrix<Scalar> { Matrix(data, rows: rows, columns: channels) }

    /// Frames of one sequence, one a row: the first of them, then every `step`th, `count` of them.
    func frames(of sequence: Int, from first: Int, every step: Int = 1, count: Int) -> Matrix<Scalar> {
        Matrix(
            data + (sequence * frames + first) * channels,
            rows: count,
            columns: channels,
            stride: step * channels
        )
    }

    /// One frame of every sequence, one sequence a row.
    func frame(_ t: Int) -> Matrix<Scalar> {
        Matrix(data + t * channels, rows: batch, columns: channels, stride: frames * channels)
    }

    /// Other numbers of the same shape, or with other channels.
    func like(_ workspace: Workspace<Scalar>, channels: Int? = nil) -> Sequences {
        let channels = channels ?? self.channels
        return Sequences(
            batch: batch,
            frames: frames,
            channels: channels,
            data: workspace.reserve(rows * channels)
        )
    }
}

extension Sequences {
    /// The same numbers read as another shape, such as the chunks of a batch as sequences of chunks.
    public func reshaped(batch: Int, frames: Int, channels: Int) -> Sequences {
        precondition(
            batch * frames * channels == count,
            "\(count) numbers for [\(batch), \(frames), \(channels)]"
        )
        return Sequences(batch: batch, frames: frames, channels: channels, data: data)
    }

    /// Adds `other`, of as many numbers, to these.
    public func add(_ other: Sequences) {
        precondition(count == other.count, "\(other.count) numbers do not add to \(count)")
        Scalar.add(data, other.data, count: count)
    }

    /// Zeros of the same shape, or with other channels.
    func zeros(_ workspace: Workspace<Scalar>, channels: Int? = nil) -> Sequences {
        let sequences = like(workspace, channels: channels)
        sequences.data.clear(count: sequences.count)
        return sequences
    }
}

/// Sequences that belong to no layer: what goes into the first one.
public final class SequenceBuffer<Scalar: TrainingScalar> {
    private let workspace = Workspace<Scalar>()

    /// An empty buffer.
    public init() {}

    /// Copies row-major `values` `[batch, frames, channels]`; the result stays valid until the next load.
    public func load(_ values: [Scalar], batch: Int, frames: Int, channels: Int) -> Sequences<Scalar> {
        precondition(
            values.count == batch * frames * channels,
            "\(values.count) numbers for [\(batch), \(frames), \(channels)]"
        )
        let data = workspace.reserve(values.count)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { data.update(from: base, count: source.count) }
        }
        return Sequences(batch: batch, frames: frames, channels: channels, data: data)
    }
}
