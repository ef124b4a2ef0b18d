// SPDX-License-Identifier: Apache-2.0

/// The last input frames of a convolution: a ring of columns, oldest overwritten first, zero at the start.
struct ColumnHistory: Sendable {
    private let channels: Int
    private let dilation: Int
    private let length: Int
    private var columns: [Float]
    private var newest = 0
    /// The columns under the kernel's taps `[taps, channels]`, oldest first; valid after `gather`.
    private(set) var window: [Float]

    init(channels: Int, taps: Int, dilation: Int) {
        self.channels = channels
        self.dilation = dilation
        length = (taps - 1) * dilation + 1
        columns = Array(repeating: 0, count: length * channels)
        window = Array(repeating: 0, count: taps * channels)
    }

    mutating func reset() {
        for i in columns.indices { columns[i] = 0 }
    }

    mutating func push(_ frame: Span<Float>) {
        precondition(frame.count == channels, "a frame of \(frame.count) values for \(channels) channels")
        newest = newest + 1 == length ? 0 : newest + 1
        columns.withUnsafeMutableBufferPointer { columns in
            frame.withUnsafeBufferPointer { frame in
                // SAFETY: newest < length, so the column lies inside the ring.
                _ = UnsafeMutableBufferPointer(rebasing: columns[newest * channels..<(newest + 1) * channels])
                    .update(from: frame)
            }
        }
    }

    mutating func gather() {
        let taps = window.count / channels
        // Steps forward from the oldest tap; the ring is exactly as long as the kernel's context.
        var column = newest + 1 == length ? 0 : newest + 1
        window.withUnsafeMutableBufferPointer { window in
            columns.withUnsafeBufferPointer { columns in
                for tap in 0..<taps {
                    // SAFETY: tap < taps and column < length.
                    _ = UnsafeMutableBufferPointer(rebasing: window[tap * channels..<(tap + 1) * channels])
                        .update(
                            from: UnsafeBufferPointer(
                                rebasing: columns[column * channels..<(column + 1) * channels]
                            )
                        )
                    column += dilation
                    if column >= length { column -= length }
                }
            }
        }
    }
}
