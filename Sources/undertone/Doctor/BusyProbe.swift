// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime

/// Finds the program that holds a sound card's capture device: only one program can, and the next one gets "busy".
package struct BusyProbe {
    /// Sound servers, which hold the card for all other programs.
    private static let servers: Set<String> = ["pulseaudio", "pipewire", "wireplumber", "pipewire-media-"]

    private let root: String

    /// A probe that reads the kernel's files in `root`, which is `/proc`.
    package init(root: String) { self.root = root }

    package func look() -> [Finding] {
        let devices = devices
        guard !devices.isEmpty else {
            return [Finding("busy", at: root + "/asound", .skipped, seen: "the kernel lists no sound card")]
        }
        let holders = devices.compactMap(holder)
        if holders.isEmpty {
            return [
                Finding(
                    "busy",
                    at: root + "/asound",
                    .ok,
                    seen: "no program holds one of \(Plain.count(devices.count, "device"))"
                )
            ]
        }
        let seen = holders.map { "\($0.device) is held by \($0.program) (pid \($0.process))" }
        let others = holders.filter { !Self.servers.contains($0.program) && $0.program != "undertoned" }
        return [
            Finding(
                "busy",
                at: root + "/asound",
                others.isEmpty ? .ok : .warn,
                seen: seen.joined(separator: ", "),
                remedy: others.first.map {
                    "end \($0.program), or use the sound server (pulse), which shares the microphone"
                }
            )
        ]
    }

    /// True if the daemon itself holds one of the devices.
    package var isHeldByDaemon: Bool { devices.compactMap(holder).contains { $0.program == "undertoned" } }

    private struct Holder {
        let device: String
        let process: Int
        let program: String
    }

    /// `card0/pcm0c/sub0` and the like.
    private var devices: [String] {
        children(of: "asound", beginning: "card").flatMap { card in
            children(of: "asound/" + card, beginning: "pcm").filter { $0.hasSuffix("c") }.flatMap { device in
                children(of: "asound/\(card)/\(device)", beginning: "sub").map { "\(card)/\(device)/\($0)" }
            }
        }
    }

    /// The program that has opened the device, or nil: the kernel writes `closed`, or names the process.
    private func holder(_ device: String) -> Holder? {
        let lines = text("asound/\(device)/status").split(separator: "\n")
        let owner = lines.first { $0.hasPrefix("owner_pid") }?.split(separator: ":").last
        guard let owner, let process = Int(owner.trimmingCharacters(in: .whitespaces)) else { return nil }
        // The file names a thread, whose name may differ from its program's.
        let leader = text("\(process)/status").split(separator: "\n").first { $0.hasPrefix("Tgid:") }
        let program = leader.flatMap { Int($0.dropFirst(5).trimmingCharacters(in: .whitespaces)) } ?? process
        let name = text("\(program)/comm").trimmingCharacters(in: .newlines)
        return Holder(
            device: device,
            process: program,
            program: name.isEmpty ? "a program of another user" : name
        )
    }

    private func children(of folder: String, beginning: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root + "/" + folder)) ?? []
        return names.filter {
            $0.hasPrefix(beginning) && $0.dropFirst(beginning.count).first?.isNumber == true
        }
        .sorted()
    }

    private func text(_ path: String) -> String {
        (try? String(contentsOfFile: root + "/" + path, encoding: .utf8)) ?? ""
    }
}
