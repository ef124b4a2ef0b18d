// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import EventSocket
import Foundation
import ServiceRuntime

/// Closes the daemon's microphone.
struct Mute: ControlRequest {
    static let configuration = CommandConfiguration(
        abstract: "Close the daemon's microphone and erase the audio in its memory.",
        discussion: """
            The microphone opens again only when no hold is left. A hold has a name; without --hold it is "user". It lasts \
            until "undertone unmute" releases it, even across a crash, a restart or an update of the daemon. With \
            --while-connected it lasts as long as this command runs.
            With --lock, a file in the daemon's runtime folder also keeps the microphone closed; the command prints its \
            path. No command can undo the lock: it lasts until the file is removed, or until the machine (for your own \
            daemon: your session) restarts. "undertone status" lists the holds.
            """
    )

    @Option(help: ArgumentHelp("Name of the hold, at most 64 bytes.", valueName: "name"))
    var hold: String?
    @Flag(help: "Keep the connection and the hold until this command ends, and no longer.")
    var whileConnected = false
    @Flag(help: "Lock the mute, so that no command can undo it.")
    var lock = false
    @OptionGroup var socketOption: SocketOption

    func validate() throws {
        try checkHold(hold)
        if lock, hold != nil || whileConnected {
            throw ValidationError("--lock cannot be combined with --hold or --while-connected.")
        }
    }

    func run() async throws {
        if lock { return try tell(.lockMute) }
        let name = hold ?? MuteRequest.standardName
        let request = MuteRequest(hold: name, isWhileConnected: whileConnected)
        let client = try connectForHold(.mute(request))
        guard whileConnected else { return }
        while let message = try client.next() {
            if message.type == "bye" { break }
        }
        throw ProgramFailure(
            .daemonUnreachable,
            "the daemon closed the connection; the hold '\(name)' has ended"
        )
    }
}

/// Releases a hold on the daemon's microphone.
struct Unmute: ControlRequest {
    static let configuration = CommandConfiguration(
        abstract: "Release a hold on the daemon's microphone.",
        discussion: """
            Without --hold it releases what "undertone mute" set. The microphone opens when no hold is left; otherwise the \
            command lists the remaining holds. The owner may release any hold, other users their own.
            """
    )
    @Option(help: ArgumentHelp("Name of the hold.", valueName: "name"))
    var hold: String?
    @OptionGroup var socketOption: SocketOption

    func validate() throws { try checkHold(hold) }

    func run() async throws { _ = try connectForHold(.unmute(hold: hold ?? MuteRequest.standardName)) }
}

extension ControlRequest {
    fileprivate func checkHold(_ name: String?) throws {
        guard let name else { return }
        guard (1...MuteRequest.longestName).contains(name.utf8.count) else {
            throw ValidationError("--hold must be a name of 1 to \(MuteRequest.longestName) bytes.")
        }
    }

    /// Sends a command about a hold: as the owner or, if this user may not use the control socket, as a client of the
    /// events socket.
    fileprivate func connectForHold(_ command: ControlCommand) throws -> EventClient {
        do { return try told(command, connect()) } catch let denied as ClientError where denied.isDenied {
            let environment = ProcessInfo.processInfo.environment
            let paths = SocketAddresses.events(explicit: socketOption.socket, environment: environment)
            guard let client = try? EventClient(paths: paths) else { throw denied }
            do { return try told(command, client) } catch ClientError.refused(code: "unknown_verb", _, _) {
                throw denied
            }
        }
    }

    private func told(_ command: ControlCommand, _ client: EventClient) throws -> EventClient {
        let answer = try client.command(command)
        if let note = answer["note"]?.string { StandardError.write("undertone: \(note)\n") }
        return client
    }
}

extension ClientError {
    /// True if this user may not use the socket.
    fileprivate var isDenied: Bool {
        switch self {
        case .permissionDenied, .refused(code: "not_permitted", _, _): true
        default: false
        }
    }
}
