// SPDX-License-Identifier: Apache-2.0
internal import CSndfile
import Glibc

/// The bytes that libsndfile reads as a file: a part of a file, a file with a corrected header, or a pipe.
class ByteWindow {
    /// Length that libsndfile is given; for a pipe, more than can ever arrive.
    let length: Int64
    fileprivate var position: Int64 = 0

    init(length: Int64) { self.length = length }

    /// Copies the bytes from `place` on; fewer or none at the end.
    func read(at place: Int64, into room: UnsafeMutableRawBufferPointer) -> Int { 0 }
}

/// A part of a regular file.
final class FileWindow: ByteWindow {
    /// Bytes that replace those in the file.
    struct Patch: Sendable {
        let place: Int64
        let bytes: [UInt8]
    }

    private let descriptor: CInt
    private let start: Int64
    private let patches: [Patch]

    init(descriptor: CInt, start: Int64, length: Int64, patches: [Patch] = []) {
        (self.descriptor, self.start, self.patches) = (descriptor, start, patches)
        super.init(length: length)
    }

    override func read(at place: Int64, into room: UnsafeMutableRawBufferPointer) -> Int {
        let wanted = Int(max(0, min(Int64(room.count), length - place)))
        guard wanted > 0 else { return 0 }
        let count = pread(descriptor, room.baseAddress, wanted, off_t(start + place))
        guard count > 0 else { return 0 }
        for patch in patches {
            for (index, byte) in patch.bytes.enumerated() {
                let target = patch.place + Int64(index) - place
                if (0..<Int64(count)).contains(target) { room[Int(target)] = byte }
            }
        }
        return count
    }
}

/// A file that is open in libsndfile; closed when its last reference is released. One thread at a time.
final class OpenSound {
    let header: SF_INFO
    private let file: OpaquePointer
    /// Object that libsndfile reads from, kept alive as long as the open file.
    private let window: AnyObject?

    /// Opens a descriptor of a file, or of a pipe that is read to its end. The caller or `owner` still owns the descriptor.
    init?(descriptor: CInt, owner: AnyObject? = nil) {
        var header = SF_INFO()
        guard let file = sf_open_fd(descriptor, CInt(SFM_READ), &header, 0) else { return nil }
        (self.header, self.file, window) = (header, file, owner)
    }

    /// Opens the bytes of `window`.
    ///
    /// - Parameter samples: format of the samples in a window without a header; nil for a container.
    init?(_ window: ByteWindow, samples region: SoundRegion? = nil) {
        var header = SF_INFO()
        if let region, let coding = region.coding {
            header.samplerate = CInt(clamping: region.sampleRate)
            header.channels = CInt(clamping: region.channelCount)
            header.format = CInt(SF_FORMAT_RAW) | coding
        }
        var callbacks = windowCallbacks
        let pointer = Unmanaged.passUnretained(window).toOpaque()
        guard let file = sf_open_virtual(&callbacks, CInt(SFM_READ), &header, pointer) else { return nil }
        (self.header, self.file, self.window) = (header, file, window)
    }

    deinit { sf_close(file) }

    /// Reads PCM frames, interleaved; fewer than `wanted` at the end only.
    func read(_ wanted: Int, into samples: UnsafeMutablePointer<Float>) -> Int {
        max(0, Int(sf_readf_float(file, samples, sf_count_t(wanted))))
    }

    /// The decoding error, in libsndfile's words.
    var damage: String? { sf_error(file) == CInt(SF_ERR_NO_ERROR) ? nil : Self.text(of: file) }

    /// The reason why the last open failed.
    static var refusal: String { text(of: nil) }

    /// libsndfile's last message, without its full stop.
    private static func text(of file: OpaquePointer?) -> String {
        let text = sf_strerror(file).map { String(cString: $0) } ?? "unknown error"
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}

private var windowCallbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
        get_filelen: { sf_count_t(window($0).length) },
        seek: { offset, whence, pointer in
            let window = window(pointer)
            let origin =
                switch whence {
                case SEEK_CUR: window.position
                case SEEK_END: window.length
                default: Int64(0)
                }
            window.position = max(0, origin + Int64(offset))
            return sf_count_t(window.position)
        },
        read: { room, count, pointer in
            let window = window(pointer)
            let buffer = UnsafeMutableRawBufferPointer(start: room, count: max(0, Int(count)))
            let filled = window.read(at: window.position, into: buffer)
            window.position += Int64(filled)
            return sf_count_t(filled)
        },
        write: { _, _, _ in 0 },
        tell: { sf_count_t(window($0).position) }
    )
}

/// The window that was passed to libsndfile with its callbacks.
private func window(_ pointer: UnsafeMutableRawPointer?) -> ByteWindow {
    guard let pointer else { preconditionFailure("libsndfile lost the file that it was given") }
    return Unmanaged<ByteWindow>.fromOpaque(pointer).takeUnretainedValue()
}

/// Bytes of a file at `offset`; fewer or none at the end.
func readBytes(of descriptor: CInt, at offset: Int64, count: Int) -> [UInt8] {
    guard offset >= 0, offset < Int64.max / 2 else { return [] }
    return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
    }
}
