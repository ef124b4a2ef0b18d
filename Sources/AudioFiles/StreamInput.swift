// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization

/// The bytes of a pipe in order; the first of them can be read again, as parsing headers requires.
///
/// One thread at a time, except ``stop()``: one thread hands it to the next.
final class StreamInput: ContainerBytes, @unchecked Sendable {
    /// Bytes kept from the beginning: room for a header with a cover picture before the sound.
    private static let mostKept = 1 << 20

    let size: Int64? = nil
    private let descriptor: CInt
    private let patienceMilliseconds: Int?
    private var kept: [UInt8] = []
    /// Bytes read from the pipe so far.
    private var taken: Int64 = 0
    /// The last of them, if they were peeked at and not read.
    private var ahead: [UInt8] = []
    private(set) var isAtEnd = false
    private let isStopped = Atomic(false)

    /// - Parameters:
    ///   - descriptor: the pipe; the caller still owns it.
    ///   - patienceMilliseconds: the longest wait for one byte, after which the stream counts as over; nil for none.
    init(descriptor: CInt, patienceMilliseconds: Int? = nil) {
        (self.descriptor, self.patienceMilliseconds) = (descriptor, patienceMilliseconds)
    }

    /// Ends the stream; the waiting thread notices at its next check. Any thread.
    func stop() { isStopped.store(true, ordering: .releasing) }

    var wasStopped: Bool { isStopped.load(ordering: .acquiring) }

    func bytes(at offset: Int64, count: Int) -> [UInt8] {
        guard offset >= 0, offset < Int64(Self.mostKept - count) else { return [] }
        let (start, end) = (Int(offset), Int(offset) + count)
        while kept.count < end, taken == Int64(kept.count) {
            var block = [UInt8](repeating: 0, count: end - kept.count)
            let filled = block.withUnsafeMutableBytes { take(into: $0) }
            if filled == 0 { break }
            kept += block.prefix(filled)
        }
        return Array(kept[min(start, kept.count)..<min(end, kept.count)])
    }

    /// Copies the bytes at `place`, which must be kept or not yet read; waits for them.
    func read(at place: Int64, into room: UnsafeMutableRawBufferPointer) -> Int {
        skip(to: place)
        if place < Int64(kept.count) {
            let count = min(room.count, kept.count - Int(place))
            room.copyBytes(from: kept[Int(place)..<Int(place) + count])
            return count
        }
        if !ahead.isEmpty, place == taken - Int64(ahead.count) {
            let count = min(room.count, ahead.count)
            room.copyBytes(from: ahead.prefix(count))
            ahead.removeFirst(count)
            return count
        }
        guard place == taken else { return 0 }
        let count = take(into: room)
        // The parser may read the same part of a header again.
        if taken - Int64(count) == Int64(kept.count), kept.count + count <= 1 << 16 {
            kept += room.prefix(count)
        }
        return count
    }

    /// The bytes read from the beginning so far.
    var head: [UInt8] { kept }

    /// The bytes at the read position, without consuming them; fewer at the end.
    func look(at place: Int64, count: Int) -> [UInt8] {
        let start = Int(min(place, Int64(kept.count)))
        let own = kept[start..<min(start + count, kept.count)]
        return own.count == count
            ? Array(own) : Array(own + peek(count: count - own.count).prefix(count - own.count))
    }

    /// The next bytes of the pipe, without consuming them; fewer at the end.
    func peek(count: Int) -> [UInt8] {
        while ahead.count < count {
            var block = [UInt8](repeating: 0, count: count - ahead.count)
            let filled = block.withUnsafeMutableBytes { take(into: $0) }
            if filled == 0 { break }
            ahead += block.prefix(filled)
        }
        return ahead
    }

    /// Drops the bytes before `place`.
    private func skip(to place: Int64) {
        var block = [UInt8](repeating: 0, count: 4_096)
        while place > Int64(kept.count), place > taken - Int64(ahead.count) {
            let missing = place - (taken - Int64(ahead.count))
            if !ahead.isEmpty {
                ahead.removeFirst(min(ahead.count, Int(clamping: missing)))
                continue
            }
            let wanted = min(block.count, Int(clamping: missing))
            let filled = block.withUnsafeMutableBytes {
                take(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
            }
            if filled == 0 { return }
        }
    }

    private func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        var waited = 0
        while !isAtEnd, !wasStopped, room.count > 0 {
            var input = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&input, 1, 100) == 0 {
                waited += 100
                if let patienceMilliseconds, waited >= patienceMilliseconds { isAtEnd = true }
                continue
            }
            let count = Glibc.read(descriptor, room.baseAddress, room.count)
            if count > 0 {
                taken += Int64(count)
                return count
            }
            if count == 0 || (errno != EINTR && errno != EAGAIN) { isAtEnd = true }
        }
        return 0
    }
}

/// The part of a pipe that libsndfile reads: all of it, or the samples of a region.
final class StreamWindow: ByteWindow {
    private let input: StreamInput
    private let region: SoundRegion?
    /// False once the sound is over, even if the pipe continues.
    private var isOpen = true
    /// True when the pipe ended before the length in the header.
    private(set) var isTruncated = false

    /// A length that no stream reaches.
    private static let endless: Int64 = 1 << 60

    init(_ input: StreamInput, samples region: SoundRegion? = nil) {
        (self.input, self.region) = (input, region)
        let width = Int64(max(1, region?.frameByteCount ?? 1))
        super.init(length: Self.endless / width * width)
    }

    /// Fills the whole room when reading samples: libsndfile loses a sample that is split between two reads.
    override func read(at place: Int64, into room: UnsafeMutableRawBufferPointer) -> Int {
        var count = 0
        while isOpen, count < room.count {
            let position = place + Int64(count)
            var end = room.count
            if let promised {
                if position == promised, !goesOn(after: promised) { break }
                if position < promised { end = Int(min(Int64(end), promised - place)) }
            }
            let rest = UnsafeMutableRawBufferPointer(rebasing: room[count..<end])
            let filled = input.read(at: (region?.start ?? 0) + position, into: rest)
            if filled == 0 { close(at: position) }
            count += filled
            if region == nil { break }
        }
        return count
    }

    private func close(at position: Int64) {
        isOpen = false
        isTruncated = !input.wasStopped && promised.map { position < $0 } ?? false
    }

    /// Length from the header, unless it is a placeholder for streams.
    private var promised: Int64? {
        region?.declared.flatMap { SoundRegion.isPlaceholder($0) ? nil : $0 }
    }

    /// True if more sound follows the declared end, and not a text chunk.
    private func goesOn(after declared: Int64) -> Bool {
        guard let region else { return true }
        let padding = (region.alignment - declared % region.alignment) % region.alignment
        isOpen = padding == 0 && !isTrailer(input.peek(count: 8)) && !input.isAtEnd
        return isOpen
    }
}
