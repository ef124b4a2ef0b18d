// SPDX-License-Identifier: Apache-2.0

/// Copies all of `source` over all of `destination`.
func copy(_ source: Span<Float>, into destination: inout MutableSpan<Float>) {
    precondition(source.count == destination.count, "\(source.count) values into \(destination.count)")
    destination.withUnsafeMutableBufferPointer { destination in
        source.withUnsafeBufferPointer { source in _ = destination.update(from: source) }
    }
}
