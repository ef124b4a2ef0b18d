// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Detects that a sound device or a sound server has appeared, so that capture need not wait for its next
/// attempt.
///
/// Watches their folders (inotify), because the daemon may use only Unix sockets and so cannot receive udev
/// events. If no folder can be watched, it only waits.
///
/// - Thread: one at a time. Allocates only in `init`.
package struct DeviceFolderWatch: ~Copyable {
    private let descriptor: CInt
    private let folders: [(path: String, parent: String)]

    /// Creates a watch over `folders`, which need not exist.
    package init(folders: [String]) {
        descriptor = inotify_init1(CInt(O_NONBLOCK | O_CLOEXEC))
        self.folders = folders.map { ($0, Self.parent(of: $0)) }
    }

    deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

    /// Folders of ALSA's devices and of the socket of the user's sound server.
    package static func standardFolders(_ environment: (String) -> String?) -> [String] {
        let server = environment("PULSE_SERVER").flatMap { text in
            text.hasPrefix("unix:") ? parent(of: String(text.dropFirst(5))) : nil
        }
        return ["/dev/snd", server ?? environment("XDG_RUNTIME_DIR").map { $0 + "/pulse" }].compactMap { $0 }
    }

    /// Starts watching; earlier changes are ignored. A missing folder is detected when it is created.
    package func arm() {
        let events = UInt32(IN_CREATE) | UInt32(IN_ATTRIB) | UInt32(IN_MOVED_TO)
        for folder in folders where inotify_add_watch(descriptor, folder.path, events) < 0 {
            inotify_add_watch(descriptor, folder.parent, UInt32(IN_CREATE))
        }
        forget()
    }

    /// Waits at most `milliseconds`; true if a device or server has appeared.
    package func wait(milliseconds: Int) -> Bool {
        if descriptor < 0 {
            sleep(nanoseconds: Int64(milliseconds) * 1_000_000)
            return false
        }
        var change = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&change, 1, CInt(milliseconds)) > 0 else { return false }
        forget()
        return true
    }

    private func forget() {
        var events = InlineArray<1_024, UInt8>(repeating: 0)
        var bytes = events.mutableSpan
        bytes.withUnsafeMutableBytes { while read(descriptor, $0.baseAddress, $0.count) > 0 {} }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}
