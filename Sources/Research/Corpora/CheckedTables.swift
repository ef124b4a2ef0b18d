// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// The tables whose checksum this process has verified. Each file is verified once, since a run opens its table for every
/// network that it trains.
enum CheckedTables {
    private struct Identity: Hashable {
        let device: UInt
        let number: UInt
        let size: Int
        let seconds: Int
        let nanoseconds: Int
    }

    private static let sound = Mutex<Set<Identity>>([])

    /// True if the bytes of `data`, the content of `file`, match the checksum at their end.
    static func isSound(_ data: Data, file: URL) -> Bool {
        let identity = identity(of: file)
        if let identity, sound.withLock({ $0.contains(identity) }) { return true }
        let end = data.count - FeatureTable.endByteCount
        let actual = data.withUnsafeBytes { ContentHash.of(UnsafeRawBufferPointer(rebasing: $0[..<end])) }
        guard actual == FeatureTable.number(in: data, at: end) else { return false }
        if let identity { sound.withLock { _ = $0.insert(identity) } }
        return true
    }

    private static func identity(of file: URL) -> Identity? {
        var status = stat()
        guard stat(file.path, &status) == 0 else { return nil }
        return Identity(
            device: UInt(status.st_dev),
            number: UInt(status.st_ino),
            size: Int(status.st_size),
            seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec
        )
    }
}
