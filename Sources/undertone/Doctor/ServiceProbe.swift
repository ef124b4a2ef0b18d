// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime

/// Checks that systemd runs and watches the daemon, and how often systemd restarted it.
struct ServiceProbe {
    private static let properties = "LoadState,ActiveState,NRestarts,WatchdogUSec"

    func look() -> [Finding] {
        guard access("/run/systemd/system", F_OK) == 0 else {
            return [Finding("service", at: "systemd", .skipped, seen: "systemd does not run here")]
        }
        let scopes = [["--user"], ["--system"]]
        let units = scopes.compactMap { scope -> (name: String, unit: SystemdUnit)? in
            guard let unit = SystemdUnit(output(scope)), unit.isLoaded else { return nil }
            return (scope[0].dropFirst(2) + " unit", unit)
        }
        guard !units.isEmpty else {
            let remedy = "to start the daemon automatically, see systemd/README.md"
            return [Finding("service", at: "systemd", .skipped, seen: "no unit is installed", remedy: remedy)]
        }
        return units.map { $0.unit.finding($0.name) }
    }

    private func output(_ scope: [String]) -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["systemctl"] + scope + ["show", "undertone.service", "-p", Self.properties]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return "" }
        return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }
}

/// Output of `systemctl show` for a unit.
package struct SystemdUnit: Sendable, Equatable {
    private let values: [String: String]

    /// Reads lines of `Name=value`; nil if there are none.
    package init?(_ text: String) {
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
        }
        guard !pairs.isEmpty else { return nil }
        values = Dictionary(pairs) { $1 }
    }

    package var isLoaded: Bool { values["LoadState"] == "loaded" }

    package func finding(_ looked: String) -> Finding {
        let state = values["ActiveState"] ?? "unknown"
        let restarts = values["NRestarts"].flatMap(Int.init) ?? 0
        let watchdog = values["WatchdogUSec"] ?? "0"
        let hasWatchdog = !["0", "infinity"].contains(watchdog)
        let seen = "\(state), \(Plain.count(restarts, "restart")), watchdog \(hasWatchdog ? watchdog : "off")"
        if state == "failed" {
            let remedy = "journalctl -u undertone says why; then systemctl restart undertone"
            return Finding("service", at: looked, .fail, seen: seen, remedy: remedy)
        }
        if state != "active" { return Finding("service", at: looked, .skipped, seen: seen) }
        if restarts > 3 {
            return Finding(
                "service",
                at: looked,
                .warn,
                seen: seen,
                remedy: "journalctl -u undertone says why"
            )
        }
        if !hasWatchdog {
            return Finding(
                "service",
                at: looked,
                .warn,
                seen: seen,
                remedy: "set WatchdogSec= as the shipped unit does"
            )
        }
        return Finding("service", at: looked, .ok, seen: seen)
    }
}
