// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore

/// Writes to one client's socket without waiting.
///
/// While the client keeps up, bytes go directly to the kernel: one `send` for all lines of a wake-up. Only when the
/// kernel's buffer is full is the channel used, and only as a notification: it writes the next single byte, and when
/// that byte is sent the socket is writable again. (A channel does not report how much of a longer write was sent, so
/// the `gap` of a client that is being closed could not start at a line boundary.)
///
/// - Thread: the event loop only.
final class NonBlockingSocket {
    private let channel: any Channel
    private let stuckAfter: TimeAmount
    private var descriptor: CInt
    private var unsent = ByteBuffer()
    private var alarm: Scheduled<Void>?
    private var pause: Scheduled<Void>?
    private var untakenBytes: CInt = 0
    /// True while requests are not read because an answer waits.
    private var isHeld = false
    /// Called when the socket is writable again.
    var onWritable: () -> Void = {}
    /// Called when the client has read nothing for too long.
    var onStuck: () -> Void = {}
    /// True while the kernel's buffer is full.
    private(set) var isBlocked = false

    init(_ channel: any Channel, descriptor: CInt, settings: EventServerSettings) {
        self.channel = channel
        self.descriptor = descriptor
        stuckAfter = TimeAmount(settings.stuckAfter)
        setKernelLimit(settings.kernelByteLimit)
    }

    var isOpen: Bool { descriptor >= 0 }

    /// Bytes passed to ``send(_:)`` that the kernel has not accepted.
    var unsentBytes: Int { unsent.readableBytes }

    /// Sends `bytes`; keeps the part that the kernel does not accept and becomes blocked. Not while blocked.
    func send(_ bytes: inout ByteBuffer) {
        guard push(&bytes) else { return hangUp() }
        if bytes.readableBytes == 0 { return }
        unsent = ByteBuffer(bytes.readableBytesView)
        ringWhenWritable()
        watch()
    }

    /// Sends the remaining bytes and `last`, as far as the kernel accepts them, and closes.
    ///
    /// A blocked client gets a larger kernel buffer first, so it still receives whole lines and the close reason.
    func close(sending last: ByteBuffer) {
        guard isOpen else { return }
        if isBlocked { setKernelLimit(.max) }
        var last = last
        if push(&unsent), unsent.readableBytes == 0 { _ = push(&last) }
        hangUp()
    }

    /// Closes at once.
    func hangUp() {
        alarm?.cancel()
        alarm = nil
        pause?.cancel()
        pause = nil
        if !isOpen { return }
        descriptor = -1
        unsent = ByteBuffer()
        channel.close(promise: nil)
    }

    /// Sends as much as the kernel accepts; false if the client is gone.
    private func push(_ bytes: inout ByteBuffer) -> Bool {
        while bytes.readableBytes > 0 {
            let sent = bytes.withUnsafeReadableBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
            }
            if sent > 0 { bytes.moveReaderIndex(forwardBy: sent) }
            if sent < 0, errno != EINTR { return errno == EAGAIN }
        }
        return true
    }

    private func ringWhenWritable() {
        guard let first = unsent.getSlice(at: unsent.readerIndex, length: 1) else { return }
        isBlocked = true
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { [weak self] result in
            if case .success = result { self?.becameWritable() }
        }
        channel.writeAndFlush(first, promise: written)
    }

    private func becameWritable() {
        guard isOpen else { return }
        unsent.moveReaderIndex(forwardBy: 1)
        guard push(&unsent) else { return hangUp() }
        if unsent.readableBytes > 0 { return ringWhenWritable() }
        unsent = ByteBuffer()
        isBlocked = false
        alarm?.cancel()
        alarm = nil
        onWritable()
    }

    /// Pauses reading from the client; its requests fill the kernel's buffer, and then its sends block.
    func stopReading(for nanoseconds: Int64) {
        guard isOpen else { return }
        // The last pause counts: with many requests in one read, each sets a longer pause than the one before.
        pause?.cancel()
        pause = channel.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds)) {
            [weak self] in
            guard let self, self.isOpen else { return }
            self.pause = nil
            self.setReading()
        }
        setReading()
    }

    /// Stops reading from the client while `isHeld`.
    func holdReading(_ isHeld: Bool) {
        guard isOpen, isHeld != self.isHeld else { return }
        self.isHeld = isHeld
        setReading()
    }

    private func setReading() {
        try? channel.syncOptions?.setOption(.autoRead, value: pause == nil && !isHeld)
    }

    /// Checks again after ``EventServerSettings/stuckAfter``: slow clients lose messages; only stalled ones are closed.
    private func watch() {
        untakenBytes = bytesInKernel
        alarm = channel.eventLoop.assumeIsolated().scheduleTask(in: stuckAfter) { [weak self] in
            guard let self, self.isBlocked else { return }
            if self.bytesInKernel < self.untakenBytes { self.watch() } else { self.onStuck() }
        }
    }

    /// Bytes in the kernel's send buffer for this client.
    private var bytesInKernel: CInt {
        var count: CInt = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? count : 0
    }

    private func setKernelLimit(_ bytes: Int) {
        var size = CInt(clamping: bytes / 2)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
    }
}
