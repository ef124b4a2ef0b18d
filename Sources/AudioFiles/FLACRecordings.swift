// SPDX-License-Identifier: Apache-2.0

/// Splits joined FLAC recordings from a pipe where the next one begins. Decoding thread only.
final class FLACRecordings {
    private let input: StreamInput
    /// Bytes that were read and not delivered; the position of the first one in the stream.
    private var waiting: [UInt8] = []
    private var place: Int64 = 0
    /// Bytes of this recording delivered so far.
    private var delivered = 0

    init(_ input: StreamInput) { self.input = input }

    /// Copies the next bytes of this recording; 0 at its end.
    func read(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, available())
        room.copyBytes(from: waiting[..<count])
        drop(count)
        return count
    }

    /// Skips the rest of this recording and goes on with the next.
    ///
    /// - Returns: false if none follows.
    func advance() -> Bool {
        while case let count = available(), count > 0 { drop(count) }
        delivered = 0
        return waiting.count >= FLACChain.markCount
    }

    /// Number of waiting bytes that certainly belong to this recording; 0 at its end.
    private func available() -> Int {
        // A mark may be split between two reads. The recording's own first mark is not searched for.
        let own = max(0, FLACChain.markCount - delivered)
        while waiting.count <= own + FLACChain.markCount, readMore() {}
        let searched = Array(waiting.dropFirst(own))
        if let next = FLACChain.places(in: searched).first { return own + next }
        if input.isAtEnd || input.wasStopped { return waiting.count }
        return max(0, waiting.count - FLACChain.markCount + 1)
    }

    private func readMore() -> Bool {
        var block = [UInt8](repeating: 0, count: 1 << 15)
        let count = block.withUnsafeMutableBytes { input.read(at: place + Int64(waiting.count), into: $0) }
        waiting += block.prefix(count)
        return count > 0
    }

    private func drop(_ count: Int) {
        waiting.removeFirst(count)
        place += Int64(count)
        delivered += count
    }
}

/// One of the recordings, as libsndfile reads it: sequentially, except that it may go back to the header.
final class FLACWindow: ByteWindow {
    /// Bytes kept from the beginning: room for a header with a cover picture.
    private static let mostKept = 1 << 20
    private let recordings: FLACRecordings
    private var kept: [UInt8] = []
    private var taken: Int64 = 0

    init(_ recordings: FLACRecordings) {
        self.recordings = recordings
        super.init(length: 1 << 60)
    }

    override func read(at place: Int64, into room: UnsafeMutableRawBufferPointer) -> Int {
        if place < Int64(kept.count) {
            let count = min(room.count, kept.count - Int(place))
            room.copyBytes(from: kept[Int(place)..<Int(place) + count])
            return count
        }
        guard place == taken else { return 0 }
        let count = take(into: room)
        if taken == Int64(kept.count), kept.count + count <= Self.mostKept { kept += room.prefix(count) }
        taken += Int64(count)
        return count
    }
    /// Fills at least as much of the room as libsndfile needs to recognise a format, however small the pipe's pieces are.
    private func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        while count < min(room.count, 64) {
            let filled = recordings.read(into: UnsafeMutableRawBufferPointer(rebasing: room[count...]))
            if filled == 0 { break }
            count += filled
        }
        return count
    }
}
