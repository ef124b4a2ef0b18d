// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime
import Spelling

/// Sources of the daemon's settings, kept so that they can be read again while it runs.
struct SettingsSource: Sendable {
    let options: [String]
    let environment: [String: String]
    let file: String?

    /// Reads and checks everything.
    ///
    /// - Parameter overrides: values by key that take precedence over all others.
    func read(overrides: [String: String] = [:]) throws -> Settings {
        try Settings.read(
            DaemonSettings.all,
            options: options + (try arguments(overrides)),
            environment: environment,
            file: file
        )
    }

    /// Values set in a running daemon, as options of the command line, so that both are checked alike.
    private func arguments(_ overrides: [String: String]) throws(ProgramFailure) -> [String] {
        var arguments: [String] = []
        for (key, value) in overrides {
            guard let row = DaemonSettings.all.first(where: { $0.key == key }) else {
                let nearest = nearestWord(to: key, among: DaemonSettings.all.map(\.key))
                let hint = nearest.map { "did you mean \($0)?" } ?? "undertoned --help lists the keys"
                throw ProgramFailure(.usage, "unknown key \(Plain.quoted(String(key.prefix(64)))); \(hint)")
            }
            arguments.append("\(row.option)=\(value)")
        }
        return arguments
    }
}
