// SPDX-License-Identifier: Apache-2.0
package import Foundation
import PlainText
import Synchronization

/// Checksums of files, stored on disk by path, size and times, so that only new and changed files are read again.
///
/// - Thread: any.
package final class ContentMemory: Sendable {
    /// Attributes that identify an unchanged file without reading it.
    private struct Stamp: Hashable {
        let size: Int
        let modified: Int
        let changed: Int
    }

    private struct State {
        var known: [String: (stamp: Stamp, content: String)] = [:]
        var isChanged = false
    }

    /// Value for a file that is missing or cannot be read.
    package static let absent = "absent"

    private static let heading = "undertone-contents/1"
    /// Of files above this many bytes, only samples are read.
    private static let wholeLimit = 1 << 28
    private static let sampleCount = 64
    private static let blockBytes = 1 << 20
    /// A file that changed this recently could change again within one tick of the file system's clock.
    private static let settledNanoseconds = 2_000_000_000

    private let file: URL
    private let state: Mutex<State>

    /// Loads the checksums stored in `file`; none if it is missing or damaged.
    package init(file: URL) {
        self.file = file
        state = Mutex(State(known: Self.read(file)))
    }

    /// The checksum of the file at `path`, as 16 hexadecimal digits, or ``absent``. For a file of more than 256 MiB it covers
    /// the size and 64 blocks of 1 MiB.
    package func content(of path: String) -> String {
        guard let stamp = Self.stamp(of: path) else { return Self.absent }
        if let known = state.withLock({ $0.known[path] }), known.stamp == stamp { return known.content }
        guard let content = Self.checksum(of: path, byteCount: stamp.size) else { return Self.absent }
        let isSettled = Self.now - max(stamp.modified, stamp.changed) > Self.settledNanoseconds
        if isSettled, !path.contains("\n") {
            state.withLock { state in
                state.known[path] = (stamp, content)
                state.isChanged = true
            }
        }
        return content
    }

    /// Writes new checksums to disk. If that fails, the next run reads the files again.
    package func save() {
        let text: String? = state.withLock { state in
            guard state.isChanged else { return nil }
            state.isChanged = false
            return state.known.sorted { $0.key < $1.key }.map { path, known in
                let stamp = known.stamp
                return "\(known.content) \(stamp.size) \(stamp.modified) \(stamp.changed) \(path)\n"
            }.joined()
        }
        guard let text else { return }
        let whole = "\(Self.heading) \(ContentHash.digits(of: text))\n\(text)"
        try? Data(whole.utf8).write(to: file, options: .atomic)
    }

    private static func read(_ file: URL) -> [String: (stamp: Stamp, content: String)] {
        guard let data = try? Data(contentsOf: file), let end = data.firstIndex(of: UInt8(ascii: "\n"))
        else { return [:] }
        let text = String(decoding: data[(end + 1)...], as: UTF8.self)
        let heading = "\(Self.heading) \(ContentHash.digits(of: text))"
        guard String(decoding: data[..<end], as: UTF8.self) == heading else { return [:] }
        var known: [String: (stamp: Stamp, content: String)] = [:]
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 4)
            guard fields.count == 5, let size = Int(fields[1]), let modified = Int(fields[2]),
                let changed = Int(fields[3])
            else { continue }
            let stamp = Stamp(size: size, modified: modified, changed: changed)
            known[String(fields[4])] = (stamp, String(fields[0]))
        }
        return known
    }

    private static var now: Int {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return nanoseconds(time)
    }

    private static func nanoseconds(_ time: timespec) -> Int { time.tv_sec &* 1_000_000_000 &+ time.tv_nsec }

    private static func stamp(of path: String) -> Stamp? {
        var status = stat()
        guard PathText.withPath(path, { stat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        return Stamp(
            size: Int(status.st_size),
            modified: nanoseconds(status.st_mtim),
            changed: nanoseconds(status.st_ctim)
        )
    }

    private static func checksum(of path: String, byteCount: Int) -> String? {
        let descriptor = PathText.withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) }
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var hash = ContentHash()
        withUnsafeBytes(of: UInt64(byteCount).littleEndian) { hash.add($0) }
        let step = byteCount <= wholeLimit ? blockBytes : byteCount / sampleCount
        var block = [UInt8](repeating: 0, count: blockBytes)
        for place in stride(from: 0, to: byteCount, by: step) {
            let count = block.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, place) }
            guard count > 0 else { return nil }
            block.withUnsafeBytes { hash.add(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        }
        return ContentHash.digits(hash.value)
    }
}
