// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Presents a file as a pipe, for a decoder that would guess the length if it could seek. A thread copies the bytes; it
/// ends with the file, or when the last reference to the pipe is released.
final class FilePipe {
    let readEnd: CInt

    /// - Parameter patches: bytes that replace those in the file.
    init?(descriptor: CInt, size: Int64, patches: [FileWindow.Patch]) {
        let file = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard file >= 0, let ends = socketPair() else { return nil }
        readEnd = ends.0
        let body = ThreadBody {
            let window = FileWindow(descriptor: file, start: 0, length: size, patches: patches)
            Self.carry(window, to: ends.1)
            close(ends.1)
            close(file)
        }
        let box = Unmanaged.passRetained(body)
        var thread = pthread_t()
        guard pthread_create(&thread, nil, runThreadBody, box.toOpaque()) == 0 else {
            box.release()
            close(ends.1)
            close(file)
            return nil
        }
        pthread_detach(thread)
    }

    deinit { close(readEnd) }

    private static func carry(_ window: FileWindow, to descriptor: CInt) {
        var block = [UInt8](repeating: 0, count: 1 << 16)
        var place: Int64 = 0
        while true {
            let count = block.withUnsafeMutableBytes { window.read(at: place, into: $0) }
            let isSent = block.withUnsafeBytes {
                sendAll(UnsafeRawBufferPointer(rebasing: $0[..<count]), to: descriptor)
            }
            guard count > 0, isSent else { return }
            place += Int64(count)
        }
    }
}
