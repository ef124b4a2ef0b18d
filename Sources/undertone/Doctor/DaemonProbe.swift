// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Foundation
import ServiceRuntime

/// Checks that a daemon answers, that its permissions are right and that it is healthy.
struct DaemonProbe {
    private static let patience = Duration.seconds(2)
    private let sockets: [String]
    private let processRoot: String

    init(_ options: DoctorOptions) { (sockets, processRoot) = (options.sockets, options.processRoot) }

    func look() -> [Finding] {
        do throws(ClientError) {
            let client = try EventClient(paths: sockets, timeout: Self.patience)
            return [hello(client), files(), capture(client), health(), dumps(client)]
        } catch {
            return [unreachable(error), files()] + without(["capture", "health", "dumps"], error)
        }
    }

    /// True if a daemon answers and reports that a user closed the microphone.
    var isMuted: Bool {
        guard let client = try? EventClient(paths: sockets, timeout: Self.patience) else { return false }
        return (try? state(of: client))?["muted"]?.bool ?? false
    }

    private func without(_ checks: [String], _ error: ClientError) -> [Finding] {
        let reason = error.isPermission ? "this user may not connect" : "no daemon answers"
        return checks.map { Finding($0, at: "undertoned", .skipped, seen: reason) }
    }

    private func unreachable(_ error: ClientError) -> Finding {
        let looked = sockets.joined(separator: " or ")
        switch error {
        case .unreachable:
            let remedy = "start one: undertoned, or systemctl --user start undertone"
            return Finding("daemon", at: looked, .warn, seen: "no daemon runs", remedy: remedy)
        case .permissionDenied(let path):
            let remedy = SocketOwner(path).remedy
            return Finding(
                "daemon",
                at: path,
                .fail,
                seen: "permission denied",
                remedy: remedy,
                status: .permission
            )
        case .refused(code: "not_permitted", let message, _):
            let remedy = SocketOwner(looked).remedy
            return Finding("daemon", at: looked, .fail, seen: message, remedy: remedy, status: .permission)
        case .protocolMismatch:
            let remedy = "install the same version of undertone and undertoned, and restart the daemon"
            return Finding(
                "daemon",
                at: looked,
                .fail,
                seen: "\(error)",
                remedy: remedy,
                status: .protocolMismatch
            )
        case .refused, .timedOut, .broken:
            let remedy = "restart the daemon; its log says what happened"
            return Finding(
                "daemon",
                at: looked,
                .fail,
                seen: "\(error)",
                remedy: remedy,
                status: .daemonUnreachable
            )
        }
    }

    private func hello(_ client: EventClient) -> Finding {
        let hello = client.hello
        let seen = "\(hello.server), instance \(hello.instance), model \(hello.model)"
        let ours = "undertone/" + undertoneVersion
        guard hello.server == ours else {
            let remedy = "restart the daemon after an update"
            return Finding(
                "daemon",
                at: "undertoned",
                .warn,
                seen: seen + "; this is \(ours)",
                remedy: remedy
            )
        }
        return Finding("daemon", at: "undertoned", .ok, seen: seen)
    }

    private func capture(_ client: EventClient) -> Finding {
        let state = try? state(of: client)
        let word = state?["capture"]?.string ?? "unknown"
        let seen = "capture is \(word), device " + (state?["device"]?.string ?? "unknown")
        switch word {
        case "open", "idle", "starting": return Finding("capture", at: "undertoned", .ok, seen: seen)
        case "muted":
            return Finding(
                "capture",
                at: "undertoned",
                .warn,
                seen: seen,
                remedy: "to open it: undertone unmute"
            )
        default:
            let remedy = "the daemon tries again continuously; see 'microphone', and the daemon's log"
            return Finding(
                "capture",
                at: "undertoned",
                .fail,
                seen: seen,
                remedy: remedy,
                status: .captureDevice
            )
        }
    }

    private func state(of client: EventClient) throws -> JSONValue? {
        var options = SubscriptionOptions()
        options.kinds = [.state]
        options.wantsSnapshot = true
        options.name = "undertone doctor"
        try client.subscribe(options)
        while let message = try client.next(timeout: Self.patience) {
            if message.type == "snapshot" { return message["state"] }
        }
        return nil
    }

    private func health() -> Finding {
        let paths = sockets.map(EventServerSettings.controlPath(beside:))
        do throws(ClientError) {
            let report = try EventClient(paths: paths, timeout: Self.patience).status()
            let seen =
                "real-time factor \(thousandths(report.realTimeFactor)), \(report.lostSamples) of "
                + "\(report.capturedSamples) samples lost, \(tenths(report.missedSeconds)) s never delivered, "
                + Plain.count(report.droppedMessages, "message")
                + " dropped, up for \(Plain.number(report.uptimeSeconds, 0)) s"
                + (report.lastError.map { "; last error of the device: " + $0 } ?? "")
            let isLosing = report.lostSamples > 0 || report.realTimeFactor >= 0.8
            return Finding(
                "health",
                at: "undertoned",
                isLosing ? .warn : .ok,
                seen: seen,
                remedy: isLosing ? "the machine was too busy; see 'speed'" : nil
            )
        } catch {
            let reason =
                error.isPermission ? "only the daemon's own user and root may request it" : "\(error)"
            return Finding("health", at: "undertoned", .skipped, seen: reason)
        }
    }
}

extension DaemonProbe {
    /// Checks permissions: events are personal data, so only the owner and the group may connect or replace the socket.
    private func files() -> Finding {
        // A socket in a folder that this user may not enter counts as existing.
        guard let path = sockets.first(where: { access($0, F_OK) == 0 || errno == EACCES }) else {
            return Finding(
                "socket",
                at: sockets.joined(separator: " or "),
                .skipped,
                seen: "there is no socket"
            )
        }
        var socket = stat()
        var folder = stat()
        let parent = (path as NSString).deletingLastPathComponent
        guard stat(path, &socket) == 0, stat(parent, &folder) == 0 else {
            return Finding(
                "socket",
                at: path,
                .skipped,
                seen: "cannot be examined: \(String(cString: strerror(errno)))"
            )
        }
        let seen = "mode \(Self.octal(socket.st_mode)) in a folder of mode \(Self.octal(folder.st_mode))"
        let isSticky = folder.st_mode & S_ISVTX != 0
        if socket.st_mode & 0o007 != 0 {
            let remedy = "socket_mode must be 0600 or 0660"
            return Finding(
                "socket",
                at: path,
                .fail,
                seen: seen + ": any user may connect",
                remedy: remedy,
                status: .permission
            )
        }
        if folder.st_mode & 0o002 != 0, !isSticky {
            let remedy = "chmod o-w \(parent)"
            let problem = ": any user may replace the socket"
            return Finding(
                "socket",
                at: path,
                .fail,
                seen: seen + problem,
                remedy: remedy,
                status: .permission
            )
        }
        return Finding("socket", at: path, .ok, seen: seen)
    }

    private static func octal(_ mode: mode_t) -> String { "0" + String(mode & 0o7777, radix: 8) }

    /// A core dump of the daemon would hold the last seconds of speech.
    private func dumps(_ client: EventClient) -> Finding {
        guard let process = DaemonProcess.find(client, root: processRoot) else {
            return Finding("dumps", at: "undertoned", .skipped, seen: "its process was not found")
        }
        let limits = (try? String(contentsOfFile: "\(processRoot)/\(process)/limits", encoding: .utf8)) ?? ""
        let row = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") }
        let words = row?.split(whereSeparator: \.isWhitespace).dropFirst(4).prefix(2) ?? []
        let looked = "process \(process)"
        guard words.count == 2 else {
            return Finding("dumps", at: looked, .skipped, seen: "its limits cannot be read")
        }
        guard words.allSatisfy({ $0 == "0" }) else {
            let remedy = "set LimitCORE=0 in the unit, or ulimit -c 0 before it starts"
            let seen = "core dumps up to \(words.joined(separator: "/")) bytes are allowed"
            return Finding("dumps", at: looked, .fail, seen: seen, remedy: remedy)
        }
        return Finding("dumps", at: looked, .ok, seen: "core dumps are off")
    }
}

extension ClientError {
    /// True if a daemon exists that denies this user.
    fileprivate var isPermission: Bool {
        switch self {
        case .permissionDenied, .refused(code: "not_permitted", _, _): true
        default: false
        }
    }
}

/// Finds the daemon's process.
enum DaemonProcess {
    /// The process that listens at the client's socket, if it is undertoned; else the only undertoned that runs, since a
    /// service manager may hold the socket for it.
    static func find(_ client: EventClient, root: String) -> Int32? {
        if let process = client.peerProcess, name(process, root) == "undertoned" { return process }
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        let daemons = processes.compactMap { Int32($0) }.filter { name($0, root) == "undertoned" }
        return daemons.count == 1 ? daemons[0] : nil
    }

    private static func name(_ process: Int32, _ root: String) -> String {
        let text = (try? String(contentsOfFile: "\(root)/\(process)/comm", encoding: .utf8)) ?? ""
        return text.trimmingCharacters(in: .newlines)
    }
}
