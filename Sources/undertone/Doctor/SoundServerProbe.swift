// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EventSocket
import Glibc
import ServiceRuntime

/// Checks that this login can reach PulseAudio or PipeWire, which belong to one user's session.
struct SoundServerProbe {
    private static let check = "sound_server"
    private let environment: [String: String]

    init(_ options: DoctorOptions) { environment = options.environment }

    func look() -> [Finding] {
        let place = place
        guard let path = place.path else { return [answer(at: place.name)] }
        let code = LocalSocket.connect(path)
        return [code == 0 ? answer(at: path) : closed(path, code)]
    }

    /// The server that libpulse uses: the variable, else the runtime folder. No path if it is not a Unix socket.
    private var place: (path: String?, name: String) {
        if let server = environment["PULSE_SERVER"], !server.isEmpty {
            let path = server.hasPrefix("unix:") ? String(server.dropFirst(5)) : server
            return (path.hasPrefix("/") ? path : nil, server)
        }
        let folder =
            environment["PULSE_RUNTIME_PATH"]
            ?? (environment["XDG_RUNTIME_DIR"] ?? "/run/user/\(getuid())") + "/pulse"
        return (folder + "/native", folder + "/native")
    }

    private func closed(_ path: String, _ code: Int32) -> Finding {
        let reason = String(cString: strerror(code))
        let remedy =
            switch code {
            case EACCES, EPERM: "it is another user's server; run this as the user who is logged in"
            case ENOENT where environment["XDG_RUNTIME_DIR"] == nil:
                "XDG_RUNTIME_DIR is not set, so this is not a user's session; run it in one, or use alsa:NAME"
            case ENOENT: "start PipeWire or PulseAudio in this session, or use alsa:NAME"
            default: "start the sound server again"
            }
        // ALSA works without a server, so this alone is not a failure.
        return Finding(Self.check, at: path, .warn, seen: "cannot connect: \(reason)", remedy: remedy)
    }

    /// Requires an answer, since a server that is stopped still accepts connections.
    private func answer(at place: String) -> Finding {
        let sources = AudioDevice.list().filter { $0.backend == .pulse }
        if let chosen = sources.first(where: \.isDefault) {
            return Finding(
                Self.check,
                at: place,
                .ok,
                seen: "answers; \(sources.count) sources, the default one is \(chosen.id)"
            )
        }
        if !sources.isEmpty {
            return Finding(
                Self.check,
                at: place,
                .ok,
                seen: "answers; \(sources.count) sources, none is the default"
            )
        }
        return without(sources: place)
    }

    /// The finding without sources: the server has none, or does not read the request.
    private func without(sources place: String) -> Finding {
        let attempt = bounded(seconds: 2.5) { () -> Result<Void, CaptureError> in
            let capture = PulseCapture(sourceName: nil)
            defer { capture.close() }
            return Result { () throws(CaptureError) in _ = try capture.open() }
        }
        switch attempt {
        case .success: return Finding(Self.check, at: place, .ok, seen: "answers")
        case .failure(let error) where error.kind == .permissionDenied:
            let remedy = "give this user access, or run this as the user who is logged in"
            return Finding(
                Self.check,
                at: place,
                .fail,
                seen: "\(error)",
                remedy: remedy,
                status: .permission
            )
        case .failure(let error) where error.kind != .serverUnreachable:
            let remedy = "plug in a microphone, or choose an input profile for the card"
            return Finding(
                Self.check,
                at: place,
                .warn,
                seen: "answers, but has no source to record from",
                remedy: remedy
            )
        case .failure, nil:
            let seen = "accepts connections but does not answer: it is stopped or hangs"
            let remedy = "restart it: systemctl --user restart pipewire-pulse, or pulseaudio -k"
            return Finding(Self.check, at: place, .fail, seen: seen, remedy: remedy, status: .captureDevice)
        }
    }
}
