// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A Unix socket that listens, and the right to its path.
///
/// Taking over a path never leaves a moment without a socket: the new one is bound beside the old and renamed over
/// it. (Removing and binding lost 3.7 % of the connections of clients that came meanwhile.) A lock on `PATH.lock`,
/// held for life, keeps two starting daemons apart; the lock file stays, since removing it would race.
final class ListeningSocket: Sendable {
    /// Callers that may wait to be accepted.
    private static let backlog: CInt = 1_024
    private let descriptor: CInt
    private let path: String?
    private let mode: mode_t
    private let lock: CInt
    private let identity: FileIdentity?

    /// Binds `path`, replacing what a dead daemon left there.
    ///
    /// - Parameters:
    ///   - mode: permissions of the socket's file; never wider than this, not for a moment.
    ///   - held: the lock on the path, where this process has it already.
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

    /// Takes a listening socket that the service manager opened. Its file is the manager's, not ours.
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

    /// The path at which clients should find this socket, if its file is not there any more.
    var lostPath: String? {
        guard let path, let identity, FileIdentity(path) != identity else { return nil }
        return path
    }

    /// Binds the path again after its file was removed. This socket must not be released afterwards.
    ///
    /// The folder may be gone too, and with it the file of the lock: then another instance may have taken the path.
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

    /// Opens what `endpoint` names; `name` is how the service manager calls it.
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

    /// Makes room for a storm of callers again, after swift-nio listened anew with room for 128.
    func restoreBacklog() { _ = listen(descriptor, Self.backlog) }

    /// Gives the descriptor to somebody who will close it.
    func handOver() -> CInt { descriptor }

    /// Closes a socket that was never handed over, and lets go of the path.
    func discard() {
        release()
        close(descriptor)
    }

    /// Removes the file, if it still is ours, and lets go of the path. The descriptor belongs to whom it was handed.
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

    /// A socket at which nobody answers may be replaced; anything else may not.
    private static func checkReplaceable(_ path: String) throws(EventSocketError) {
        var status = stat()
        if lstat(path, &status) != 0 { return }
        if status.st_mode & S_IFMT != S_IFSOCK { throw .notASocket(path: path) }
        let probe = socket(AF_UNIX, streamType, 0)
        defer { close(probe) }
        // A full backlog (EAGAIN) is a living daemon too.
        if UnixAddress.connect(probe, to: path) == 0 || errno == EAGAIN { throw .alreadyRunning(path: path) }
    }

    /// Where the new socket is bound. One byte longer, and so still within the 108 that Linux takes without a zero.
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

/// Which file stands at a path: to remove our own and never a successor's.
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

/// The folder of a user's own instance.
private enum RuntimeFolder {
    /// Creates the folder `NAME` in the runtime folder for a socket in it; any other folder must be there already.
    static func createIfOurs(for path: String, in runtime: String?) throws(EventSocketError) {
        guard let slash = path.lastIndex(of: "/"), let runtime else { return }
        let folder = String(path[..<slash])
        guard let parentSlash = folder.lastIndex(of: "/"), folder[..<parentSlash] == runtime else { return }
        if mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw .system(call: "mkdir", path: folder, code: errno)
        }
    }
}
