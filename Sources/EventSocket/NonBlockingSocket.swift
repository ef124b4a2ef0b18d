// SPDX-License-Identifier: Apache-2.0
import Glibc
import NIOCore

/// Writes to one client's socket without ever waiting for it.
///
/// As long as the client keeps up, bytes go straight to the kernel: one `send` for all that a wake-up brought. Only
/// when the kernel is full does the channel come in, and only as a bell: the next single byte is left to it, and
/// when that byte has gone the socket is writable again. (A channel tells nobody how much of a longer write has
/// gone, and a client that is being closed could then not be told, on a line's border, what it lost.)
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
    /// True while no request is wanted, because an answer waits.
    private var isHeld = false
    /// Called when the client has made room again.
    var onWritable: () -> Void = {}
    /// Called when the client took nothing for too long.
    var onStuck: () -> Void = {}
    /// True while the kernel takes no more bytes.
    private(set) var isBlocked = false

    init(_ channel: any Channel, descriptor: CInt, settings: EventServerSettings) {
        self.channel = channel
        self.descriptor = descriptor
        stuckAfter = TimeAmount(settings.stuckAfter)
        setKernelLimit(settings.kernelByteLimit)
    }

    var isOpen: Bool { descriptor >= 0 }

    /// Bytes that were given to ``send(_:)`` and that the kernel has not taken.
    var unsentBytes: Int { unsent.readableBytes }

    /// Sends all of `bytes`, or keeps what the kernel does not take and becomes blocked. Not while blocked.
    func send(_ bytes: inout ByteBuffer) {
        guard push(&bytes) else { return hangUp() }
        if bytes.readableBytes == 0 { return }
        unsent = ByteBuffer(bytes.readableBytesView)
        ringWhenWritable()
        watch()
    }

    /// Sends what is left and `last`, as far as the kernel takes them, and closes.
    ///
    /// A blocked client gets more room in the kernel for this: it shall find a whole line and a reason when it wakes.
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

    /// Sends as much as the kernel takes; false if the client is gone.
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

    /// Hears nothing more from the client for a while; what it sends meanwhile waits in the kernel, and then the client.
    func stopReading(for nanoseconds: Int64) {
        guard isOpen else { return }
        // The last word counts: of many requests in one read each asks for a longer pause than the one before.
        pause?.cancel()
        pause = channel.eventLoop.assumeIsolated().scheduleTask(in: .nanoseconds(nanoseconds)) {
            [weak self] in
            guard let self, self.isOpen else { return }
            self.pause = nil
            self.setReading()
        }
        setReading()
    }

    /// Reads nothing more from the client while `isHeld`.
    func holdReading(_ isHeld: Bool) {
        guard isOpen, isHeld != self.isHeld else { return }
        self.isHeld = isHeld
        setReading()
    }

    private func setReading() {
        try? channel.syncOptions?.setOption(.autoRead, value: pause == nil && !isHeld)
    }

    /// Looks again after ``EventServerSettings/stuckAfter``: a slow client is thinned, only one that stands is closed.
    private func watch() {
        untakenBytes = bytesInKernel
        alarm = channel.eventLoop.assumeIsolated().scheduleTask(in: stuckAfter) { [weak self] in
            guard let self, self.isBlocked else { return }
            if self.bytesInKernel < self.untakenBytes { self.watch() } else { self.onStuck() }
        }
    }

    /// What the kernel holds for this client.
    private var bytesInKernel: CInt {
        var count: CInt = 0
        return ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? count : 0
    }

    private func setKernelLimit(_ bytes: Int) {
        var size = CInt(clamping: bytes / 2)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
    }
}
