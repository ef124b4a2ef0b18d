// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime
import Testing

@Suite struct SystemdNotifierTests {
    /// A datagram socket in place of the service manager's.
    final class Manager {
        private let descriptor: Int32

        init(_ path: String) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            if path.hasPrefix("@") { address.sun_path.0 = 0 }
            let size = socklen_t(2 + path.utf8.count)
            let bound = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
            }
            try #require(bound == 0)
        }

        deinit { close(descriptor) }

        func received() -> String {
            var bytes = [UInt8](repeating: 0, count: 4_096)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        }
    }

    @Test(arguments: ["@undertone-test-\(getpid())", NSTemporaryDirectory() + "/notify-\(getpid())"])
    func theServiceManagerReceivesEveryMessage(path: String) throws {
        defer { unlink(path) }
        let manager = try Manager(path)
        let notifier = SystemdNotifier(environment: ["NOTIFY_SOCKET": path])
        #expect(notifier.ready(status: "listening\nto nothing"))
        #expect(manager.received() == "READY=1\nSTATUS=listening to nothing")
        #expect(notifier.status("open") && notifier.stopping())
        #expect(manager.received() == "STATUS=open")
        #expect(manager.received() == "STOPPING=1\nSTATUS=stopping")
    }

    @Test(arguments: [
        [:], ["NOTIFY_SOCKET": ""], ["NOTIFY_SOCKET": "relative"], ["NOTIFY_SOCKET": "/nonexistent/socket"],
        ["NOTIFY_SOCKET": "/" + String(repeating: "x", count: 200)],
    ])
    func withoutAManagerNothingHappens(environment: [String: String]) {
        #expect(!SystemdNotifier(environment: environment).ready(status: "up"))
    }
}
