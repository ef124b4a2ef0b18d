// SPDX-License-Identifier: Apache-2.0
import Configuration
import Spelling

/// The checked values of a program's settings: flags over environment over file over default.
public struct Settings: Sendable {
    private let texts: [String: String]

    /// The value of a setting that was in the table.
    public subscript<Value>(setting: Setting<Value>) -> Value {
        texts[setting.row.key].flatMap(setting.parse) ?? setting.fallback
    }

    /// The keys of `table` whose values differ from those in `other`.
    public func changed(from other: Settings, in table: [SettingRow]) -> [String] {
        table.map(\.key).filter { texts[$0] != other.texts[$0] }
    }

    /// True if the setting was given a value, and does not just have its default.
    public func isSet<Value>(_ setting: Setting<Value>) -> Bool { texts[setting.row.key] != nil }

    /// Reads and checks all settings of `table`. Waits for a file on a mount that does not answer; see
    /// ``withTimeLimit(_:else:_:)``.
    ///
    /// - Parameters:
    ///   - table: every setting of the program.
    ///   - options: the command line, `--key value` or `--key=value`; the last of equal options counts.
    ///   - environment: looked up by ``SettingRow/variable``.
    ///   - file: path of a YAML file, nil for none.
    /// - Throws: a failure that names the key, the value and what it accepts: ``ExitStatus/usage`` for a wrong
    ///   option, ``ExitStatus/configuration`` for a wrong file or environment.
    public static func read(
        _ table: [SettingRow],
        options: [String],
        environment: [String: String],
        file: String?
    ) throws -> Settings {
        let flags = try SettingOptions(table).normalized(options)
        var providers: [any ConfigProvider] = [
            CommandLineArgumentsProvider(arguments: ["undertone"] + flags)
                .mapKeys { $0.dashed },
            EnvironmentVariablesProvider(environmentVariables: environment)
                .prefixKeys(with: "undertone"),
        ]
        if let file {
            // Read once, so that the values that are used are those that were checked.
            let values = try SettingsFile(path: file, table: table).values()
            let entries = values.map { Self.entry($0.0, $0.1) }
            providers.append(InMemoryProvider(values: Dictionary(entries) { first, _ in first }))
        }
        return Settings(texts: try values(of: table, from: ConfigReader(providers: providers)))
    }

    private static func entry(_ path: [String], _ text: String) -> (AbsoluteConfigKey, ConfigValue) {
        (AbsoluteConfigKey(path, context: [:]), ConfigValue(.string(text), isSecret: false))
    }

    private static func values(of table: [SettingRow], from reader: ConfigReader) throws -> [String: String] {
        var texts: [String: String] = [:]
        for row in table {
            guard let text = reader.string(forKey: ConfigKey(row.path)) else { continue }
            // The file and the command line are already checked, so this value came from the environment.
            guard row.isValid(text) else {
                throw ProgramFailure(
                    .configuration,
                    "$\(row.variable) is \(text.isEmpty ? "empty" : text), but must be \(row.accepts)"
                )
            }
            texts[row.key] = text
        }
        return texts
    }
}

extension AbsoluteConfigKey {
    /// Options are written with dashes where the file has underscores.
    fileprivate var dashed: AbsoluteConfigKey {
        AbsoluteConfigKey(components.map { String($0.map { $0 == "_" ? "-" : $0 }) }, context: context)
    }
}

/// Settings on the command line.
struct SettingOptions {
    private let rows: [String: SettingRow]

    init(_ table: [SettingRow]) {
        rows = Dictionary(table.map { ($0.option, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The options as `--key=value`, each once, all known and all valid.
    func normalized(_ options: [String]) throws(ProgramFailure) -> [String] {
        var values: [String: String] = [:]
        var rest = options[...]
        while let word = rest.popFirst() {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                String.init
            )
            guard let row = rows[parts[0]] else { throw unknown(parts[0]) }
            guard let value = parts.count > 1 ? parts[1] : rest.popFirst() else {
                throw ProgramFailure(.usage, "\(row.option) has no value; it must be \(row.accepts)")
            }
            guard row.isValid(value) else {
                throw ProgramFailure(
                    .usage,
                    "\(row.option) is \(Plain.quoted(value)), but must be \(row.accepts)"
                )
            }
            values[row.option] = value
        }
        return values.map { "\($0)=\($1)" }
    }

    private func unknown(_ word: String) -> ProgramFailure {
        guard word.hasPrefix("-") else {
            return ProgramFailure(.usage, "unexpected \"\(word)\": settings are given as --key value")
        }
        let nearest = nearestWord(to: word, among: rows.keys.sorted() + ["--config", "--help", "--version"])
        return ProgramFailure(
            .usage,
            "unknown option \(word); \(nearest.map { "did you mean \($0)?" } ?? "see --help")"
        )
    }
}
