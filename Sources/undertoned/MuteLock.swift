// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// A mute that no command can undo: a file in the runtime folder, or else next to the control socket.
///
/// While the file exists `unmute` is refused, and a daemon that starts begins muted, so that neither a crash nor an
/// update opens the microphone again. A process that may write there can remove it; a process that only uses the
/// protocol, perhaps for a remote user, cannot.
///
/// The lock fails closed. It is off only if the file is known to be absent from a folder that exists; once it was on,
/// that must be the folder in which it was seen.
final class MuteLock: Sendable {
    let path: String
    private let folder: String
    /// The folder in which the lock was last seen; nil while it is off.
    private let seen = Mutex<Folder?>(nil)

    private struct Folder: Equatable {
        let device: dev_t
        let inode: ino_t
    }

    /// The lock of the daemon whose events socket is at `socketPath`.
    init(socketPath: String, environment: [String: String]) {
        let given = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first
        let folder = given ?? socketPath.lastIndex(of: "/").map { socketPath[..<$0] } ?? "."
        self.folder = folder.isEmpty ? "/" : String(folder)
        path = folder + "/mute-locked"
    }

    var isSet: Bool {
        seen.withLock { seen in
            let isAbsent = access(path, F_OK) != 0 && errno == ENOENT
            let now = folderNow
            if isAbsent, let now, seen == nil || seen == now {
                seen = nil
                return false
            }
            seen = seen ?? now ?? Folder(device: 0, inode: 0)
            return true
        }
    }

    /// Instruction for removing the lock.
    var remedy: String {
        let isHere = seen.withLock { $0 == folderNow }
        return isHere
            ? "remove \(path) at this machine" : "restart the daemon: the folder of \(path) was replaced"
    }

    /// Makes the file. Returns nil, or the reason that it failed.
    func set() -> String? {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0o600)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        close(descriptor)
        _ = isSet
        return nil
    }

    private var folderNow: Folder? {
        var status = stat()
        guard stat(folder, &status) == 0 else { return nil }
        return Folder(device: status.st_dev, inode: status.st_ino)
    }
}
