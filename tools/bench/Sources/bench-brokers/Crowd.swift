// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Many clients in one thread that look only for the stamps, whatever protocol stands around them.
struct Crowd {
    private var poller: [pollfd]
    private var tails: [[UInt8]]
    private var delays: [Double] = []
    private var isSorted = false

    /// Number of received lines.
    var received: Int { delays.count }

    init(_ clients: [CInt]) {
        poller = clients.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        tails = clients.map { _ in [] }
        delays.reserveCapacity(1 << 20)
    }

    /// Reads until `count` lines have arrived or `patience` seconds are over.
    mutating func read(until count: Int, patience: Double) {
        let deadline = Stamp.now() + UInt64(patience * 1e9)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while received < count, Stamp.now() < deadline {
            _ = poll(&poller, nfds_t(poller.count), 200)
            for index in poller.indices where poller[index].revents != 0 { take(index, &chunk) }
        }
    }

    private mutating func take(_ index: Int, _ chunk: inout [UInt8]) {
        let tail = tails[index]
        let client = poller[index].fd
        chunk.replaceSubrange(0..<tail.count, with: tail)
        let count = chunk.withUnsafeMutableBytes { bytes in
            let room = UnsafeMutableRawBufferPointer(rebasing: bytes[tail.count...])
            return recv(client, room.baseAddress, room.count, CInt(MSG_DONTWAIT))
        }
        if count <= 0 {
            // `poll` ignores a negative descriptor.
            if count == 0 { poller[index].fd = -1 }
            return
        }
        let now = Stamp.now()
        let total = tail.count + count
        let rest = chunk.withUnsafeBytes { scan(UnsafeRawBufferPointer(rebasing: $0[..<total]), now) }
        tails[index] = Array(chunk[rest..<total])
    }

    /// Records the delay of each complete stamp; returns the start of the incomplete rest.
    private mutating func scan(_ bytes: UnsafeRawBufferPointer, _ now: UInt64) -> Int {
        var position = 0
        while true {
            guard let start = find(Stamp.key, in: bytes, from: position) else {
                return max(position, bytes.count - Stamp.key.count + 1)
            }
            var (stamp, next): (UInt64, Int) = (0, start + Stamp.key.count)
            while next < bytes.count, (48...57).contains(bytes[next]) {
                stamp = stamp &* 10 &+ UInt64(bytes[next] - 48)
                next += 1
            }
            if next == bytes.count { return start }
            delays.append(Double(now &- stamp) / 1e6)
            position = next
        }
    }

    private func find(_ key: [UInt8], in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var position = start
        while position + key.count <= bytes.count {
            if bytes[position] == key[0], key.indices.allSatisfy({ bytes[position + $0] == key[$0] }) {
                return position
            }
            position += 1
        }
        return nil
    }

    /// Quantile of the delay in milliseconds.
    mutating func quantile(_ part: Double) -> Double {
        if !isSorted { delays.sort() }
        isSorted = true
        return delays.isEmpty ? .nan : delays[Int(Double(delays.count - 1) * part)]
    }
}

/// What a client finds that stood still and wakes.
struct Ending {
    /// True if the server has closed the connection.
    let isClosed: Bool
    /// It said how much the client lost.
    let wasTold: Bool

    init(draining client: CInt) {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var last: [UInt8] = []
        var count = 1
        while count > 0 {
            count = recv(client, &chunk, chunk.count, CInt(MSG_DONTWAIT))
            if count > 0 { last = (last + chunk[..<count]).suffix(4_096) }
        }
        isClosed = count == 0 || errno == ECONNRESET
        let text = String(decoding: last, as: UTF8.self)
        wasTold = text.contains(#""type":"gap""#) && text.contains(#""dropped":"#)
        close(client)
    }
}
