// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// The command line's checks before audio is processed.
@Suite struct CommandLineTests {
    @Test(arguments: [Program.undertone, .undertoned])
    func versionAndHelpAreResults(program: Program) async throws {
        let version = try await program.run(["--version"])
        #expect(version.status == 0 && version.output.hasPrefix("0.") && version.messages.isEmpty)
        let help = try await program.run(["--help"])
        #expect(help.status == 0 && help.output.contains("USAGE") && help.messages.isEmpty)
    }

    @Test(arguments: [
        (Program.undertone, ["--nonsense"], "--nonsense"),
        (.undertone, ["listne"], "listne"),
        (.undertone, ["listen", "--jsno"], "--jsno"),
        (.undertone, ["listen", "--rate", "many"], "many"),
        (.undertone, ["listen", "-", "--rate", "0"], "0 samples per second; 8000"),
        (.undertone, ["listen", "-", "--rate", "100"], "100 samples per second; 8000"),
        (.undertone, ["listen", "-", "--channels", "0"], "0 channels; 1 to 8"),
        (.undertone, ["listen", "-", "--channels", "9"], "9 channels; 1 to 8"),
        (.undertone, ["listen", "speech.wav", "--rate", "8000"], "--rate describes raw PCM on stdin"),
        (.undertone, ["watch", "--exec"], "--exec needs the name of a program"),
        (
            .undertone, ["analyze", "--html", "/dev/null", "speech.wav"],
            "/dev/null is a device, a pipe or a socket"
        ),
        (.undertone, ["listen", "--format=f32"], "--format describes raw PCM on stdin"),
        (.undertone, ["listen", "speech.wav", "--device", "tone"], "'speech.wav'"),
        (.undertone, ["listen", ""], "The file is ''"),
        (.undertone, ["listen", "--model", ""], "--model is ''"),
        (.undertone, ["analyze", "--csv", "--json", "speech.wav"], "--json and --csv exclude each other"),
        (.undertone, ["use", "stdin"], "standard input is not yours"),
        (.undertone, ["set", "log_level"], "value"),
        (.undertone, ["set", "", "info"], "The key is ''"),
        (.undertone, ["set", "log_level", "info", "debug"], "not 'info debug'"),
        (.undertone, ["status", "--socket", ""], "--socket is ''"),
        (.undertone, ["watch", "--on", "never"], "never"),
        (.undertone, ["analyze"], "file"),
        (.undertoned, ["--devise", "x"], "did you mean --device?"),
        (.undertoned, ["--device"], "--device has no value"),
        (.undertoned, ["--log-level", "loud"], "must be one of"),
        (.undertoned, ["--log-level="], "--log-level is '', but must be one of"),
        (.undertoned, ["positional"], "positional"),
    ])
    func aUsageErrorEndsWithTwo(program: Program, arguments: [String], named: String) async throws {
        let outcome = try await program.run(arguments)
        #expect(outcome.status == 2, "\(outcome)")
        #expect(outcome.messages.contains(named), "\(outcome)")
        #expect(outcome.output.isEmpty)
    }

    @Test(arguments: [
        ("devise: default", ":1: unknown key devise; did you mean device?"),
        ("log_level: loud", ":1: log_level is loud, but must be one of"),
        ("clients: 5", ":1: clients is a section; write its keys below it"),
        ("clients:\n  max: 0", ":2: clients.max is 0, but must be a whole number from 1"),
    ])
    func aWrongConfigurationEndsWithTen(yaml: String, sentence: String) async throws {
        let folder = TemporaryFolder()
        let file = try folder.write(yaml, to: "undertone.yaml")
        let outcome = try await Program.undertoned.run(["--config", file])
        #expect(outcome.status == 10, "\(outcome)")
        #expect(outcome.sentence.hasPrefix("undertoned: " + file + sentence), "\(outcome)")
        #expect(!outcome.sentence.contains("\n"))
    }

    @Test func theShippedConfigurationIsValid() async throws {
        let file = Fixtures.root.appending(path: "configs/undertone.yaml").path
        // The daemon gets as far as the model, so all checks of the settings passed.
        let outcome = try await Program.undertoned.run(["--config", file, "--model", "/nonexistent"])
        #expect(outcome.status == 5, "\(outcome.testDescription)")
    }

    @Test func helpSaysHowProgramsEndAndHowKeysBecomeOptions() async throws {
        let help = try await Program.undertone.run(["--help"]).output.replacing(#/\s+/#, with: " ")
        for words in ["10 configuration", "11 another instance", "~/.config/undertone/undertone.yaml"] {
            #expect(help.contains(words), "\(help)")
        }
        let settings = try await Program.undertoned.run(["--help"]).output
        let row = "  estimates.interval_ms\n      --estimates-interval-ms, $UNDERTONE_ESTIMATES_INTERVAL_MS\n"
        #expect(settings.contains(row), "\(settings)")
    }

    @Test func theEnvironmentIsADefaultAndContradictsNothing() async throws {
        let environment = [
            "UNDERTONE_DEVICE": "tone", "UNDERTONE_RATE": "8000", "UNDERTONE_JSON": "1",
        ]
        let listened = try await Program.undertone.run(
            ["listen", Sounds.speech[0]],
            environment: environment
        )
        #expect(listened.status == 0 && !listened.output.isEmpty, "\(listened.testDescription)")
        let table = try await Program.undertone.run(
            ["analyze", "--csv", Sounds.speech[0]],
            environment: environment
        )
        #expect(table.status == 0 && table.output.hasPrefix("file,label"), "\(table.testDescription)")
    }

    @Test func everyOptionNamesItsVariable() async throws {
        for command in [
            "listen", "analyze", "watch", "wait", "meter", "doctor", "selftest", "status", "devices",
            "model info",
        ] {
            let help = try await Program.undertone.run(
                command.split(separator: " ").map(String.init) + ["--help"]
            )
            let options = help.output.replacing(#/\n {8,}/#, with: " ").split(separator: "\n").filter {
                $0.hasPrefix("  -") && !$0.contains("--exec <")
                    && !$0.contains("--help") && !$0.contains("--version")
            }
            #expect(!options.isEmpty, "\(command)")
            for option in options { #expect(option.contains("[UNDERTONE_"), "\(command): \(option)") }
        }
    }

    @Test func theCommandLineOverridesTheEnvironment() async throws {
        let environment = ["UNDERTONE_MODEL": "/nonexistent/one"]
        let first = try await Program.undertone.run(["model", "info"], environment: environment)
        #expect(first.status == 5 && first.messages.contains("/nonexistent/one"), "\(first)")
        let second = try await Program.undertone.run(
            ["model", "info", "--model", "/nonexistent/two"],
            environment: environment
        )
        #expect(second.status == 5 && second.messages.contains("/nonexistent/two"), "\(second)")
    }
}
