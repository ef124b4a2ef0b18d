// SPDX-License-Identifier: Apache-2.0

/// A growable buffer that layers reuse in every step, so that later steps do not allocate.
final class Workspace<Scalar: TrainingScalar> {
    private(set) var pointer: UnsafeMutablePointer<Scalar>
    private var capacity: Int

    init() {
        capacity = 1
        pointer = .allocate(capacity: 1)
    }

    deinit { pointer.deallocate() }

    /// Room for `count` values; the previous content is undefined.
    func reserve(_ count: Int) -> UnsafeMutablePointer<Scalar> {
        if count > capacity {
            pointer.deallocate()
            pointer = .allocate(capacity: count)
            capacity = count
        }
        return pointer
    }

    /// A buffer of `count` zeros.
    func zeros(_ count: Int) -> UnsafeMutablePointer<Scalar> {
        let pointer = reserve(count)
        pointer.clear(count: count)
        return pointer
    }
}

extension UnsafeMutablePointer where Pointee: TrainingScalar {
    /// Sets the first `count` values to zero. `update(repeating:)` would be slow in generic code: one value at a time.
    func clear(count: Int) {
        let bytes = count * MemoryLayout<Pointee>.stride
        UnsafeMutableRawPointer(self).initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    }
}

/// A batch of sequences `[batch, frames, channels]`, row-major, in a layer's workspace.
///
/// Valid until the next call of the layer that returned it.
public struct Sequences<Scalar: TrainingScalar> {
    /// B: number of sequences.
    public let batch: Int
    /// T: frames of the longest; shorter ones are padded at the end.
    public let frames: Int
    /// C: values per frame.
    public let channels: Int
    let data: UnsafeMutablePointer<Scalar>

    /// A copy of the values, row-major.
    public var values: [Scalar] { Array(UnsafeBufferPointer(start: data, count: count)) }

    /// B times T.
    var rows: Int { batch * frames }
    /// Number of values.
    var count: Int { rows * channels }
    /// All frames of all sequences, one per row.
    var matrix: Matrix<Scalar> { Matrix(data, rows: rows, columns: channels) }

    /// `count` frames of one sequence, one per row, every `step`th from the first.
    func frames(of sequence: Int, from first: Int, every step: Int = 1, count: Int) -> Matrix<Scalar> {
        Matrix(
            data + (sequence * frames + first) * channels,
            rows: count,
            columns: channels,
            stride: step * channels
        )
    }

    /// One frame of every sequence, one sequence per row.
    func frame(_ t: Int) -> Matrix<Scalar> {
        Matrix(data + t * channels, rows: batch, columns: channels, stride: frames * channels)
    }

    /// Uninitialised sequences of the same shape, or with other channels.
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
    /// The same values in another shape, such as the chunks of a batch as sequences of chunks.
    public func reshaped(batch: Int, frames: Int, channels: Int) -> Sequences {
        precondition(
            batch * frames * channels == count,
            "\(count) values for [\(batch), \(frames), \(channels)]"
        )
        return Sequences(batch: batch, frames: frames, channels: channels, data: data)
    }

    /// Adds `other`, of as many values.
    public func add(_ other: Sequences) {
        precondition(count == other.count, "\(other.count) values cannot be added to \(count)")
        Scalar.add(data, other.data, count: count)
    }

    /// Zeros of the same shape, or with other channels.
    func zeros(_ workspace: Workspace<Scalar>, channels: Int? = nil) -> Sequences {
        let sequences = like(workspace, channels: channels)
        sequences.data.clear(count: sequences.count)
        return sequences
    }
}

/// Sequences outside of any layer: the input of the first one.
public final class SequenceBuffer<Scalar: TrainingScalar> {
    private let workspace = Workspace<Scalar>()

    /// An empty buffer.
    public init() {}

    /// Copies row-major `values` `[batch, frames, channels]`; the result is valid until the next load.
    public func load(_ values: [Scalar], batch: Int, frames: Int, channels: Int) -> Sequences<Scalar> {
        precondition(
            values.count == batch * frames * channels,
            "\(values.count) values for [\(batch), \(frames), \(channels)]"
        )
        let data = workspace.reserve(values.count)
        values.withUnsafeBufferPointer { source in
            if let base = source.baseAddress { data.update(from: base, count: source.count) }
        }
        return Sequences(batch: batch, frames: frames, channels: channels, data: data)
    }
}
