// SPDX-License-Identifier: Apache-2.0
import Foundation
import ServiceRuntime
import Testing

@Suite struct SettingsTests {
    static let device = Setting.text("device", default: "default", "Where the sound comes from.")
    static let most = Setting.integer("clients.max", in: 1...10_000, default: 1_024, "Simultaneous clients.")
    static let begin = Setting.number(
        "speech.begin_above",
        in: 0...1,
        default: 0.6,
        "Speech begins above this."
    )
    static let level = Setting.word("log_level", of: ["info", "debug"], default: "info", "What is logged.")
    static let follow = Setting.flag("follow", default: true, "Follow the default device.")
    static let table = [device.row, most.row, begin.row, level.row, follow.row]

    func read(_ options: [String] = [], _ environment: [String: String] = [:], yaml: String? = nil)
        async throws
        -> Settings
    {
        guard let yaml else {
            return try .read(Self.table, options: options, environment: environment, file: nil)
        }
        let file = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID()).yaml")
        try yaml.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        return try .read(Self.table, options: options, environment: environment, file: file.path)
    }

    /// The failure without the path of the temporary file.
    func failure(
        _ options: [String] = [],
        _ environment: [String: String] = [:],
        yaml: String? = nil
    ) async -> ProgramFailure? {
        do {
            _ = try await read(options, environment, yaml: yaml)
            return nil
        } catch let error as ProgramFailure {
            let sentence = error.description.replacing(#/^.*\.yaml:?/#, with: "")
            return ProgramFailure(error.status, sentence)
        } catch {
            return ProgramFailure(.other, "\(error)")
        }
    }

    @Test func aSettingWithoutAValueHasItsDefault() async throws {
        let settings = try await read(yaml: "# nothing\n")
        #expect(settings[Self.device] == "default")
        #expect(settings[Self.most] == 1_024)
        #expect(settings[Self.begin] == 0.6)
        #expect(settings[Self.follow])
    }

    @Test func flagsOverrideTheEnvironmentWhichOverridesTheFile() async throws {
        let yaml = "device: file\nclients:\n  max: 3\nspeech:\n  begin_above: 0.7\n"
        let environment = ["UNDERTONE_DEVICE": "environment", "UNDERTONE_CLIENTS_MAX": "4"]
        let settings = try await read(["--device=flag"], environment, yaml: yaml)
        #expect(settings[Self.device] == "flag")
        #expect(settings[Self.most] == 4)
        #expect(settings[Self.begin] == 0.7)
    }

    @Test func underscoresAreDashesOnTheCommandLine() async throws {
        let settings = try await read([
            "--speech-begin-above", "0.25", "--log-level=debug", "--follow", "false",
        ])
        #expect(settings[Self.begin] == 0.25)
        #expect(settings[Self.level] == "debug")
        #expect(!settings[Self.follow])
    }

    @Test func theLastOfTwoEqualOptionsCounts() async throws {
        #expect(try await read(["--device", "a", "--device=b=c"])[Self.device] == "b=c")
    }

    @Test(arguments: [
        ("devise: x", "1: unknown key devise; did you mean device?"),
        ("device: a\nclients:\n  maxx: 5", "3: unknown key clients.maxx; did you mean clients.max?"),
        ("'': 1", "1: unknown key ''; undertoned --help lists the keys"),
        ("zebra: 1", "1: unknown key zebra; undertoned --help lists the keys"),
        ("clients: 5", "1: clients is a section; write its keys below it"),
        ("device: a\nclients: [max]", "2: clients is a section; write its keys below it"),
        (
            "clients:\n  speech:\n    begin_above: 1",
            "2: unknown key clients.speech; undertoned --help lists the keys"
        ),
        ("log_level: ''", "1: log_level has no single value; it must be one of info, debug"),
        ("clients:\n  max: 0", "2: clients.max is 0, but must be a whole number from 1 to 10000"),
        ("clients:\n  max: many", "2: clients.max is many, but must be a whole number from 1 to 10000"),
        (
            "speech:\n  begin_above: .nan",
            "2: speech.begin_above is .nan, but must be a number from 0.0 to 1.0"
        ),
        ("log_level: loud", "1: log_level is loud, but must be one of info, debug"),
        ("device:", "1: device has no single value; it must be a text"),
        ("device: [a, b]", "1: device has no single value; it must be a text"),
        ("- a\n- b", "1: contains no \"key: value\" lines"),
        ("device: a\ndevice: b", "1: device is given twice"),
        ("device: \"a", "1: found unexpected end of stream"),
        (
            "a: &a [x, x]\n? *a\n: y",
            "contains an alias (*name), which is not supported here; write the value out"
        ),
    ])
    func aWrongFileIsRefusedInOneSentence(yaml: String, sentence: String) async {
        let failure = await failure(yaml: yaml)
        #expect(failure?.description.trimmingCharacters(in: .whitespaces) == sentence)
        #expect(failure?.status == .configuration)
    }

    @Test(arguments: ["clients:\n  # max: 5\n", "clients:\ndevice: a\n", "clients: {}\nspeech:\n"])
    func aSectionMayBeEmpty(yaml: String) async throws {
        let settings = try await read(yaml: yaml)
        #expect(settings[Self.most] == 1_024 && settings[Self.begin] == 0.6)
        #expect(settings[Self.device] == (yaml.contains("device") ? "a" : "default"))
    }

    @Test func helpShowsTheKeyWithItsOptionAndVariable() {
        let help = Self.most.row.help.split(separator: "\n")
        #expect(help.prefix(2) == ["  clients.max", "      --clients-max, $UNDERTONE_CLIENTS_MAX"])
    }

    @Test func anAsteriskThatIsNoAliasIsText() async throws {
        let settings = try await read(yaml: "# * of *all\ndevice: \"alsa:*\"\n")
        #expect(settings[Self.device] == "alsa:*")
    }

    @Test(arguments: [
        (["--devise", "x"], "unknown option --devise; did you mean --device?"),
        (["--xyzzy"], "unknown option --xyzzy; see --help"),
        (["--device"], "--device has no value; it must be a text"),
        (["--clients-max="], "--clients-max is '', but must be a whole number from 1 to 10000"),
        (["--clients-max=-1"], "--clients-max is -1, but must be a whole number from 1 to 10000"),
        (["file.wav"], "unexpected \"file.wav\": settings are given as --key value"),
    ])
    func aWrongOptionIsAUsageError(options: [String], sentence: String) async {
        #expect(await failure(options) == ProgramFailure(.usage, sentence))
    }

    @Test(arguments: [
        (
            ["UNDERTONE_CLIENTS_MAX": "1e3"],
            "$UNDERTONE_CLIENTS_MAX is 1e3, but must be a whole number from 1 to 10000"
        ),
        (["UNDERTONE_DEVICE": ""], "$UNDERTONE_DEVICE is empty, but must be a text"),
    ])
    func aWrongVariableIsNamed(environment: [String: String], sentence: String) async {
        #expect(await failure([], environment) == ProgramFailure(.configuration, sentence))
    }

    @Test func anEmptyFileHasNoSettings() throws {
        let settings = try Settings.read(Self.table, options: [], environment: [:], file: "/dev/null")
        #expect(settings.changed(from: settings, in: Self.table).isEmpty)
    }

    @Test(arguments: ["/nonexistent/undertone.yaml", "/"])
    func aFileThatCannotBeReadIsAConfigurationError(path: String) {
        #expect(throws: ProgramFailure.self) {
            try Settings.read(Self.table, options: [], environment: [:], file: path)
        }
    }

    @Test(.timeLimit(.minutes(10))) func aPipeIsRefusedWithoutWaitingForItsWriter() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "settings-\(UUID()).fifo").path
        try #require(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let failure = #expect(throws: ProgramFailure.self) {
            try Settings.read(Self.table, options: [], environment: [:], file: path)
        }
        #expect(failure?.status == .configuration && failure?.description.contains("it is a pipe") == true)
    }

    @Test(.timeLimit(.minutes(10))) func workThatTakesTooLongIsAbandoned() async throws {
        let failure = ProgramFailure(.other, "too slow")
        let quick = try await withTimeLimit(.seconds(30), else: failure) { 7 }
        #expect(quick == 7)
        await #expect(throws: failure) {
            try await withTimeLimit(.milliseconds(50), else: failure) { sleep(2) }
        }
    }
}
