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
        pointer.update(repeating: 0, count: count)
        return pointer
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

    /// B times T.
    var rows: Int { batch * frames }
    /// All numbers.
    var count: Int { rows * channels }
}
