// SPDX-License-Identifier: Apache-2.0
internal import CSndfile
import Glibc

/// True when the container itself shows that its end is missing.
///
/// libsndfile quietly corrects a WAV header that promises more than the file holds, and takes the last Ogg page
/// that it finds for the last one there ever was. FLAC needs no help: its frame count is compared at the end.
/// Reads a few bytes with `pread`, so the position of `descriptor` stays where libsndfile has it.
func endsEarly(descriptor: CInt, format: CInt) -> Bool {
    switch format & CInt(SF_FORMAT_TYPEMASK) {
    case CInt(SF_FORMAT_WAV), CInt(SF_FORMAT_WAVEX): wavDataEndsEarly(descriptor)
    case CInt(SF_FORMAT_OGG): lastOggPageIsMissing(descriptor)
    default: false
    }
}

/// Walks the RIFF chunks to `data` and compares its length with the file's.
private func wavDataEndsEarly(_ descriptor: CInt) -> Bool {
    let size = fileSize(descriptor)
    var offset: Int64 = 12
    // Chunks before the sound are few; the limit stops a header made to be walked for ever.
    for _ in 0..<1_000 {
        let chunk = bytes(of: descriptor, at: offset, count: 8)
        guard chunk.count == 8 else { return false }
        let length = Int64(littleEndian32(chunk[4...]))
        if chunk.starts(with: "data".utf8) {
            // Programs that write WAV into a pipe cannot know the length and put the largest number there.
            return length < 0xFFFF_0000 && length != 0x7FFF_FFFF && offset + 8 + length > size
        }
        offset += 8 + length + length % 2
    }
    return false
}

/// Looks for the last page header and its mark "end of stream".
private func lastOggPageIsMissing(_ descriptor: CInt) -> Bool {
    // A page has at most 65,307 bytes, so the last whole one begins within this much of the end.
    let tailSize: Int64 = 65_536
    let size = fileSize(descriptor)
    let tail = bytes(of: descriptor, at: max(0, size - tailSize), count: Int(min(size, tailSize)))
    let mark = Array("OggS".utf8)
    for start in stride(from: tail.count - 27, through: 0, by: -1) where tail[start...].starts(with: mark) {
        let segmentCount = Int(tail[start + 26])
        let body = start + 27 + segmentCount
        guard body <= tail.count else { return true }
        let end = body + tail[start + 27..<body].reduce(0) { $0 + Int($1) }
        return end > tail.count || tail[start + 5] & 0x04 == 0
    }
    return true
}

private func fileSize(_ descriptor: CInt) -> Int64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? Int64(status.st_size) : 0
}

private func bytes(of descriptor: CInt, at offset: Int64, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        filled = max(0, pread(descriptor, buffer.baseAddress, count, off_t(offset)))
    }
}

private func littleEndian32(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
}
