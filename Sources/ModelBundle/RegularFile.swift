// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Reads small files in a folder whose contents may be hostile.
struct OpenFolder: ~Copyable {
    private let descriptor: CInt
    private let path: String

    init(path: String) throws(ModelError) {
        descriptor = Paths.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        self.path = path
        guard descriptor < 0 else { return }
        let reason =
            errno == ENOENT ? "there is no such folder; " + ModelFolder.choices : systemMessage(errno)
        throw .unreadable(path: path, reason: reason)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Returns all bytes of a regular file of at most `limit` bytes.
    ///
    /// Links are not followed and devices and pipes are never read, so a file cannot lead out of the folder or block.
    /// The bytes are copied, not mapped: if a file shrinks while it is mapped, the process is killed.
    func read(_ name: String, limit: Int) throws(ModelError) -> [UInt8] {
        let file = openat(descriptor, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        guard file >= 0 else {
            throw unreadable(
                name,
                errno == ELOOP
                    ? "it is a symbolic link, and only the file itself is read" : systemMessage(errno)
            )
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw unreadable(name, systemMessage(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw unreadable(name, "it is not a regular file") }
        guard status.st_size <= limit else {
            throw unreadable(name, "its \(status.st_size) bytes are more than the \(limit) a model may have")
        }
        return try readAll(file, name: name, byteCount: Int(status.st_size))
    }

    private func readAll(_ file: CInt, name: String, byteCount: Int) throws(ModelError) -> [UInt8] {
        // One byte more than expected, to notice a file that grows meanwhile.
        var failure: CInt = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: byteCount + 1) { buffer, count in
            while count < buffer.count {
                let received = Glibc.read(file, buffer.baseAddress.map { $0 + count }, buffer.count - count)
                if received < 0 && errno == EINTR { continue }
                if received < 0 { failure = errno }
                if received <= 0 { break }
                count += received
            }
        }
        guard failure == 0 else { throw unreadable(name, systemMessage(failure)) }
        guard bytes.count == byteCount else { throw unreadable(name, "it changed while it was being read") }
        return bytes
    }

    private func unreadable(_ name: String, _ reason: String) -> ModelError {
        .unreadable(path: path + "/" + name, reason: reason)
    }
}

/// The system's text for an error number, such as "No such file or directory".
func systemMessage(_ number: CInt) -> String { String(cString: strerror(number)) }
