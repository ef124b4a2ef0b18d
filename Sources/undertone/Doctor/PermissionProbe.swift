// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime

/// Checks that this user may open the sound card itself, as ALSA requires. A sound server needs no such permission.
package struct PermissionProbe {
    private let folder: String

    package init(_ options: DoctorOptions) { folder = options.deviceRoot + "/snd" }

    package func look() -> [Finding] {
        let nodes = captureNodes
        guard !nodes.isEmpty else {
            return [
                Finding(
                    "permission",
                    at: folder,
                    .skipped,
                    seen: "there is no sound card that ALSA could open"
                )
            ]
        }
        let closed = nodes.filter { access(folder + "/" + $0, R_OK | W_OK) != 0 }
        guard let first = closed.first else {
            return [
                Finding(
                    "permission",
                    at: folder,
                    .ok,
                    seen: "this user may open all of \(Plain.count(nodes.count, "capture device"))"
                )
            ]
        }
        let group = group(of: folder + "/" + first)
        return [
            Finding(
                "permission",
                at: folder,
                .warn,
                seen: "this user may not open \(closed.joined(separator: ", ")) (group \(group))",
                remedy: "sudo usermod -aG \(group) $USER, then log in again; a sound server works without it"
            )
        ]
    }

    /// `pcmC0D0c` and the like; those that end in `p` play.
    private var captureNodes: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix("pcmC") && $0.hasSuffix("c") }.sorted()
    }

    private func group(of path: String) -> String {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.groupOwnerAccountName] as? String ?? "audio"
    }
}
