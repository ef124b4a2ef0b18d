// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Foundation
import Testing

@Suite struct EventClientTests {
    @Test func aNamedSocketIsTheOnlyOneTried() {
        let environment = ["UNDERTONE_SOCKET": "/named", "XDG_RUNTIME_DIR": "/run/user/1"]
        #expect(SocketAddresses.events(explicit: "/given", environment: environment) == ["/given"])
        #expect(SocketAddresses.events(explicit: nil, environment: environment) == ["/named"])
    }

    @Test func theUsersInstanceComesBeforeTheSystems() {
        let environment = ["UNDERTONE_SOCKET": "", "XDG_RUNTIME_DIR": "/run/user/1"]
        let own = "/run/user/1/undertone/undertone.sock"
        let systems = "/run/undertone/undertone.sock"
        #expect(SocketAddresses.events(explicit: nil, environment: environment) == [own, systems])
        #expect(SocketAddresses.events(explicit: nil, environment: [:]) == [systems])
        #expect(SocketAddresses.control(explicit: "a/b.sock", environment: [:]) == ["a/b-control.sock"])
        #expect(SocketAddresses.standard(environment: environment) == own)
    }

    @Test func withoutADaemonTheErrorNamesEachPath() {
        let error = #expect(throws: ClientError.self) {
            try EventClient(paths: ["/nowhere/a", "/nowhere/b"])
        }
        #expect(error == .unreachable(paths: ["/nowhere/a", "/nowhere/b"], code: ENOENT))
        #expect(error?.description.contains("/nowhere/a or /nowhere/b") == true)
    }

    @Test(arguments: [
        (#"{"type":"hello","proto":[2,0]}"#, "version 2, this program speaks 1"),
        (#"{"type":"hello"}"#, "version unknown, this program speaks 1"),
        (#"{"type":"welcome"}"#, "the first line is not 'hello'"), ("SSH-2.0-OpenSSH", "a line is not JSON"),
        ("", "it closed the connection before its first line"),
    ])
    func anotherProtocolIsRefused(_ line: String, _ reason: String) throws {
        let daemon = try ScriptedDaemon([line + "\n"].filter { $0 != "\n" })
        let error = #expect(throws: ClientError.self) { try EventClient(paths: [daemon.path]) }
        guard case .protocolMismatch(let told)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(told.hasPrefix(reason))
    }

    @Test func additionsOfALaterMinorVersionAreIgnored() throws {
        let daemon = try ScriptedDaemon([
            #"{"type":"hello","proto":[1,7],"model":{"labels":["a"],"new":[1]},"new":{}}"# + "\n"
                + #"{"type":"no"#,
            #"velty","x":1}"# + "\n" + #"{"type":"estimate","label":"a","new":true}"# + "\n",
        ])
        let client = try EventClient(paths: [daemon.path])
        #expect(client.hello.labels == ["a"])
        #expect(try client.next()?.type == "novelty")
        #expect(try client.next()?["label"]?.string == "a")
        #expect(try client.next() == nil)
    }

    @Test func aSilentDaemonTimesOut() async throws {
        try await LiveServer.run { server in
            let client = try server.client()
            #expect(throws: ClientError.timedOut) { try client.next(timeout: .milliseconds(20)) }
        }
    }
}

/// A socket that sends a given text to its first client and closes the connection.
private final class ScriptedDaemon {
    private let folder: TemporaryFolder
    let path: String

    init(_ writes: [String]) throws {
        folder = try TemporaryFolder()
        let path = folder.path + "/d.sock"
        self.path = path
        let descriptor = try boundSocket(path)
        try #require(listen(descriptor, 1) == 0)
        Thread.detachNewThread {
            let caller = accept(descriptor, nil, nil)
            for text in writes {
                _ = text.withCString { send(caller, $0, strlen($0), CInt(MSG_NOSIGNAL)) }
                usleep(2_000)
            }
            close(caller)
            close(descriptor)
        }
    }
}
