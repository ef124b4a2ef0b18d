// SPDX-License-Identifier: Apache-2.0
import Configuration
public import FuzzInvariants
import ServiceRuntime

/// The daemon's configuration file.
public let settingsInputs = [
    HostileInput("settings", feedSettings)
]

/// One setting of each kind, flat and in a section.
private let table: [SettingRow] = [
    Setting.text("device", default: "default", "Where the sound comes from.").row,
    Setting.word("log_level", of: ["debug", "info", "error"], default: "info", "How much is logged.").row,
    Setting.number("ring_seconds", in: 1...60, default: 4, "Sound that may wait.").row,
    Setting.flag("quiet", default: false, "No sound.").row,
    Setting.integer("clients.max", in: 1...100_000, default: 64, "Simultaneous clients.").row,
    Setting.number("clients.stuck_after_s", in: 0.1...60, default: 10, "Patience.").row,
]

/// All values of an accepted file are valid for their settings, also as the configuration library reads them afterwards.
private func feedSettings(_ bytes: [UInt8]) throws(BrokenPromise) {
    // The file is refused before this point if it is not UTF-8.
    guard let text = String(validating: bytes, as: UTF8.self),
        (try? SettingsFile(path: "undertone.yaml", table: table).check(text: text)) == true
    else { return }
    guard
        let snapshot = try? YAMLSnapshot(
            data: bytes.span.bytes,
            providerName: "file",
            parsingOptions: .default
        )
    else { throw BrokenPromise(description: "the file was checked, but the library cannot read it") }
    for row in table {
        let key = AbsoluteConfigKey(row.key.split(separator: ".").map(String.init))
        guard let found = try? snapshot.value(forKey: key, type: .string) else {
            throw BrokenPromise(description: "\(row.key) was checked, but the library cannot read it")
        }
        guard let content = found.value?.content, case .string(let value) = content else { continue }
        try promise(row.isValid(value), "\(row.key) is \(value), which was checked and is not accepted")
        try plantedBug(when: row.key == "ring_seconds" && value == "7")
    }
}
