// SPDX-License-Identifier: Apache-2.0
import Foundation
import Synchronization

/// A folder in which one process works; the kernel frees it when that process ends, however it ends.
///
/// All values of one process for one folder are one lock: a process is one trainer. Where the file system knows no locks,
/// there is none.
final class FolderLock: Sendable {
    /// Another process works in the folder; 0 where it has not written its number.
    struct Taken: Error { let process: Int }

    private struct Weak { weak var lock: FolderLock? }

    static let name = "lock"
    private static let held = Mutex<[String: Weak]>([:])

    private let descriptor: CInt

    private init(_ descriptor: CInt) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// The lock of `folder`, which must be there.
    static func take(_ folder: URL) throws(Taken) -> FolderLock? {
        let key = folder.resolvingSymlinksInPath().standardizedFileURL.path
        return try held.withLock { held throws(Taken) in
            if let lock = held[key]?.lock { return lock }
            let path = folder.appending(path: name).path
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
            guard descriptor >= 0 else { return nil }
            let lock = FolderLock(descriptor)
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                if errno == EWOULDBLOCK { throw Taken(process: number(in: descriptor)) }
                return nil
            }
            lock.writeNumber()
            held[key] = Weak(lock: lock)
            return lock
        }
    }

    private static func number(in descriptor: CInt) -> Int {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
        return Int(String(decoding: digits, as: UTF8.self)) ?? 0
    }

    private func writeNumber() {
        let text = Array("\(getpid())\n".utf8)
        ftruncate(descriptor, 0)
        pwrite(descriptor, text, text.count, 0)
    }
}
