// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Checks the last page header for its end-of-stream mark: libsndfile takes the last Ogg page that it finds for the end,
/// so it does not notice that later pages are missing.
///
/// Reads a few bytes with `pread`, which does not move libsndfile's position in `descriptor`.
func lastOggPageIsMissing(_ descriptor: CInt) -> Bool {
    // A page has at most 65,307 bytes, so the last whole one begins within this distance of the end.
    let tailSize: Int64 = 65_536
    let size = fileSize(descriptor)
    let tail = readBytes(of: descriptor, at: max(0, size - tailSize), count: Int(min(size, tailSize)))
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
