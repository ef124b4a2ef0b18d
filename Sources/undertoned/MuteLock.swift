// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A mute that no command can undo: a file in the runtime folder, or else beside the control socket.
///
/// While the file exists `unmute` is refused, and a daemon that starts begins muted, so that neither a crash nor an
/// update opens the microphone again. Whoever may write there can remove it; what merely speaks the protocol, on behalf
/// of whoever is far away, cannot.
struct MuteLock: Sendable {
    let path: String

    /// The lock of the daemon whose events socket stands at `socketPath`.
    init(socketPath: String, environment: [String: String]) {
        let given = environment["RUNTIME_DIRECTORY"]?.split(separator: ":").first
        let folder = given ?? socketPath.lastIndex(of: "/").map { socketPath[..<$0] } ?? "."
        path = folder + "/mute-locked"
    }

    var isSet: Bool { access(path, F_OK) == 0 }

    /// Makes the file; nil, or why that failed.
    func set() -> String? {
        let descriptor = open(path, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return String(cString: strerror(errno)) }
        close(descriptor)
        return nil
    }
}
