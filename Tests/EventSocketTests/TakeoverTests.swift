// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import EventSocket
import Foundation
import TestSupport
import Testing

/// Takeover of a path, and files that are never removed.
@Suite struct TakeoverTests {
    private func permissions(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test func aSecondInstanceIsRefusedAndTheFirstGoesOn() async throws {
        try await LiveServer.run { server in
            let error = #expect(throws: EventSocketError.self) { try LiveServer(path: server.path) }
            #expect(error == .alreadyRunning(path: server.path))
            let labels = try server.client().hello.labels
            #expect(labels == LiveServer.labels)
        }
    }

    @Test func aLiveSocketWithoutOurLockIsLeftAlone() async throws {
        try await LiveServer.run { server in
            try FileManager.default.removeItem(atPath: server.path + ".lock")
            #expect(throws: EventSocketError.alreadyRunning(path: server.path)) {
                try LiveServer(path: server.path)
            }
            let labels = try server.client().hello.labels
            #expect(labels == LiveServer.labels)
        }
    }

    @Test func theSocketOfADeadDaemonIsReplaced() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/u.sock"
        for place in [path, path + "~"] { close(try boundSocket(place)) }
        try await LiveServer(path: path).serve { server in
            let labels = try server.client().hello.labels
            #expect(labels == LiveServer.labels)
        }
    }

    @Test(arguments: ["file", "link", "folder"])
    func aFileThatIsNotASocketIsNeverRemoved(_ kind: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/u.sock"
        let manager = FileManager.default
        switch kind {
        case "file": try Data("precious".utf8).write(to: URL(filePath: path))
        case "link": try manager.createSymbolicLink(atPath: path, withDestinationPath: "/nowhere")
        default: try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        }
        let before = try manager.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
        #expect(throws: EventSocketError.notASocket(path: path)) { try LiveServer(path: path) }
        #expect(try manager.attributesOfItem(atPath: path)[.systemFileNumber] as? Int == before)
    }

    @Test func aPathMayHave107Bytes() async throws {
        let folder = try TemporaryFolder()
        let longest = folder.path + "/" + String(repeating: "s", count: 106 - folder.path.utf8.count)
        try await LiveServer(path: longest, change: { $0.control = nil }).serve { server in
            let labels = try server.client().hello.labels
            #expect(labels == LiveServer.labels)
        }
        #expect(throws: EventSocketError.pathTooLong(path: longest + "s")) {
            try LiveServer(path: longest + "s", change: { $0.control = nil })
        }
    }

    @Test func eachDaemonOfAFolderHasItsOwnControlSocket() {
        for (events, control) in [
            ("/run/undertone/undertone.sock", "/run/undertone/control.sock"),
            ("/run/undertone/second.sock", "/run/undertone/second-control.sock"),
            ("desk", "desk-control.sock"), ("undertone.sock", "control.sock"),
        ] {
            #expect(EventServerSettings.controlPath(beside: events) == control)
        }
    }

    @Test func aRemovedSocketFileIsCreatedAgainAndClientsStay() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            try client.subscribe(SubscriptionOptions())
            for path in [
                server.path, server.path + ".lock", EventServerSettings.controlPath(beside: server.path),
            ] {
                try FileManager.default.removeItem(atPath: path)
            }
            let second = try Self.onceItListens { try server.client() }
            let control = try Self.onceItListens { try server.controlClient() }
            #expect(try control.status().clients >= 2)
            server.publish(.estimate(.sample()))
            #expect(try client.next(timeout: .seconds(60))?.type == "estimate")
            #expect(throws: EventSocketError.alreadyRunning(path: server.path)) {
                try LiveServer(path: server.path)
            }
            withExtendedLifetime(second) {}
        }
    }

    /// The socket is renamed over the first one, so that the first cannot listen again in between, even if a busy
    /// machine delays its check.
    @Test(arguments: [("u.sock", "u-control.sock"), ("u-control.sock", "u.sock")])
    func aServerEndsWhenAnotherTakesItsSocketAndLeavesItAlone(taken: String, other: String) async throws {
        let folder = try TemporaryFolder()
        let place = folder.path + "/"
        let first = try LiveServer(path: place + "u.sock")
        let second = try LiveServer(path: place + "v.sock", change: { $0.control = nil })
        let inode = try #require(Self.inode(place + "v.sock"))
        await #expect(throws: EventSocketError.alreadyRunning(path: place + taken)) {
            try await first.serve { _ in
                try #require(rename(place + "v.sock", place + taken) == 0)
                for _ in 0..<6_000 where Self.inode(place + other) != nil { usleep(10_000) }
            }
        }
        #expect(Self.inode(place + taken) == inode && Self.inode(place + other) == nil)
        withExtendedLifetime((folder, second)) {}
    }

    private static func inode(_ path: String) -> ino_t? {
        var status = stat()
        return lstat(path, &status) == 0 ? status.st_ino : nil
    }

    /// Connects as soon as the server accepts clients again, which may take long on a busy machine.
    private static func onceItListens(_ connect: () throws -> EventClient) throws -> EventClient {
        for _ in 0..<6_000 {
            if let client = try? connect() { return client }
            usleep(10_000)
        }
        return try connect()
    }

    @Test func onlyTheUsersOwnFolderIsCreated() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/undertone/undertone.sock"
        #expect(throws: EventSocketError.folderMissing(path: path)) { try LiveServer(path: path) }
        let server = try LiveServer(path: path, change: { $0.runtimeFolder = folder.path })
        #expect(try permissions(folder.path + "/undertone") == 0o700)
        _ = consume server
        let deeper = folder.path + "/a/b/undertone.sock"
        #expect(throws: EventSocketError.folderMissing(path: deeper)) {
            try LiveServer(path: deeper, change: { $0.runtimeFolder = folder.path })
        }
    }

    @Test(arguments: [0o600, 0o660, 0o666])
    func theFileHasExactlyTheModeThatIsAsked(_ mode: UInt32) throws {
        let folder = try TemporaryFolder()
        let server = try LiveServer(path: folder.path + "/u.sock", change: { $0.mode = mode })
        #expect(try permissions(server.path) == Int(mode))
        #expect(try permissions(folder.path + "/u-control.sock") == 0o600)
    }

    @Test func aSocketOfTheServiceManagerIsServedAndItsFileStays() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/events.sock"
        let descriptor = try boundSocket(path)
        try #require(listen(descriptor, 8) == 0)
        let server = try LiveServer(path: path) { settings in
            settings.events = .inherited(descriptor)
            settings.control = nil
        }
        try await server.serve { server in
            let labels = try server.client().hello.labels
            #expect(labels == LiveServer.labels)
        }
        #expect(FileManager.default.fileExists(atPath: path))
    }

    @Test func aDescriptorThatDoesNotListenIsRefused() throws {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        #expect(throws: EventSocketError.notListening(name: "events")) {
            try LiveServer(path: "unused") { $0.events = .inherited(descriptor) }
        }
    }

    @Test func namedSocketsAreFoundInTheEnvironment() {
        let environment = ["LISTEN_PID": "77", "LISTEN_FDS": "2", "LISTEN_FDNAMES": "control:events"]
        #expect(
            InheritedSockets(environment: environment, processID: 77).descriptors == [
                "control": 3, "events": 4,
            ]
        )
        #expect(InheritedSockets(environment: environment, processID: 78).descriptors.isEmpty, "another's")
        for count in ["-1", "0", "x", "99999999999"] {
            let wrong = environment.merging(["LISTEN_FDS": count]) { _, new in new }
            #expect(InheritedSockets(environment: wrong, processID: 77).descriptors.isEmpty)
        }
    }
}
