// SPDX-License-Identifier: Apache-2.0
internal import CSndfile
import Glibc

/// A file that libsndfile writes and reads in memory. One thread at a time; it must live longer than the open file.
final class MemoryFile {
    private var bytes: [UInt8] = []
    private var position = 0

    func rewind() { position = 0 }

    /// Opens the file in libsndfile; the caller closes it.
    func open(_ mode: CInt, _ header: inout SF_INFO, codec: LossyCodec) throws(CodecError) -> OpaquePointer {
        var callbacks = Self.callbacks
        guard
            let file = sf_open_virtual(&callbacks, mode, &header, Unmanaged.passUnretained(self).toOpaque())
        else {
            throw CodecError(codec: codec, detail: String(cString: sf_strerror(nil)))
        }
        return file
    }

    private static var callbacks: SF_VIRTUAL_IO {
        SF_VIRTUAL_IO(
            get_filelen: { sf_count_t(file($0).bytes.count) },
            seek: { file($2).seek(by: Int($0), from: $1) },
            read: {
                sf_count_t(file($2).read(into: UnsafeMutableRawBufferPointer(start: $0, count: Int($1))))
            },
            write: { sf_count_t(file($2).write(UnsafeRawBufferPointer(start: $0, count: Int($1)))) },
            tell: { sf_count_t(file($0).position) }
        )
    }

    private func seek(by offset: Int, from whence: CInt) -> sf_count_t {
        let origin =
            switch whence {
            case SEEK_CUR: position
            case SEEK_END: bytes.count
            default: 0
            }
        position = max(0, origin + offset)
        return sf_count_t(position)
    }

    private func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = max(0, min(room.count, bytes.count - position))
        if count > 0 { room.copyBytes(from: bytes[position..<position + count]) }
        position += count
        return count
    }

    private func write(_ source: UnsafeRawBufferPointer) -> Int {
        let end = position + source.count
        if end > bytes.count { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
        bytes.replaceSubrange(position..<end, with: source)
        position = end
        return source.count
    }
}

/// The file that was passed to libsndfile with its callbacks.
private func file(_ pointer: UnsafeMutableRawPointer?) -> MemoryFile {
    guard let pointer else { preconditionFailure("libsndfile lost the file that it was given") }
    return Unmanaged<MemoryFile>.fromOpaque(pointer).takeUnretainedValue()
}
