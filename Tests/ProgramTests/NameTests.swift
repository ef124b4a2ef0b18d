// SPDX-License-Identifier: Apache-2.0
import Foundation
import PlainText
import TestSupport
import Testing

/// Unusual names of files: in lists from any editor, in any encoding, with any characters.
@Suite struct NameTests {
    let folder = TemporaryFolder()

    private func list(_ bytes: [UInt8]) async throws -> [String?] {
        let outcome = try await Program.undertone.run(
            ["analyze", "--json", "--files-from", "-"],
            input: Data(bytes)
        )
        #expect(outcome.status == 0 && outcome.messages.isEmpty, "\(outcome.testDescription)")
        return try outcome.objects().map { $0["file"] as? String }
    }

    @Test(arguments: ["\n", "\r\n", "\0"], [false, true])
    func aListMayHaveEitherLineEnding(end: String, hasMark: Bool) async throws {
        let mark: [UInt8] = hasMark ? [0xEF, 0xBB, 0xBF] : []
        let names = Sounds.speech.joined(separator: end)
        #expect(try await list(mark + Array(names.utf8)) == Sounds.speech)
        #expect(try await list(mark + Array((names + end + end).utf8)) == Sounds.speech)
    }

    @Test func aNameWithALineEndGoesBetweenZeros() async throws {
        let odd = folder("one\ntwo\r.wav")
        try Sounds.wav(Sounds.silence(seconds: 1)).write(to: URL(filePath: odd))
        #expect(try await list(Array(odd.utf8) + [0]) == [odd])
    }

    @Test func aListInUTF16IsRefused() async throws {
        let outcome = try await Program.undertone.run(
            ["analyze", "--files-from", "-"],
            input: Data([0xFF, 0xFE, 0x61, 0x00])
        )
        #expect(
            outcome.status == 9 && outcome.messages.contains("UTF-16; save it as UTF-8"),
            "\(outcome.testDescription)"
        )
    }

    /// A file whose name is Latin-1, made and named by a shell, which passes bytes unchanged.
    @Test(arguments: ["analyze --json", "listen --json"])
    func aNameThatIsNotUTF8Works(command: String) async throws {
        try Sounds.wav(try Sounds.decoded(Sounds.speech[0])).write(to: URL(filePath: folder("a.wav")))
        let script = "cd \(folder.path) && mv a.wav $'caf\\xe9.wav' && exec $0 \(command) $'caf\\xe9.wav'"
        let running = try RunningProgram(
            "/bin/bash",
            ["-c", script, Program.undertone.url.path],
            environment: Program.cleanEnvironment
        )
        let outcome = await running.outcome()
        #expect(outcome.status == 0 && !outcome.output.isEmpty, "\(outcome.testDescription)")
    }

    /// Model, list and configuration with such names, read by each command that takes them.
    @Test(arguments: [
        "$UNDERTONE model info --json --model M", "$UNDERTONE analyze --json --model M a.wav",
        "$UNDERTONE listen --json --model M a.wav", "$UNDERTONE analyze --json --files-from L",
        "$UNDERTONE selftest --json --seconds 2 --model M",
        "$UNDERTONE doctor --json --device tone --model M; test $? != 5",
        "timeout -s TERM 3 $DAEMON --config C --socket ./u.sock --model M; test $? = 124",
    ])
    func modelsAndConfigurationsMayHaveSuchNames(command: String) async throws {
        try Sounds.wav(try Sounds.decoded(Sounds.speech[0])).write(to: URL(filePath: folder("a.wav")))
        _ = try folder.write("a.wav\n", to: "list")
        _ = try folder.write("device: tone\n", to: "config")
        let model = Fixtures.root.appending(path: "Sources/ModelBundle/Resources/free").path
        let named = command.replacing(" M", with: " $'mod\\xe9l'").replacing(" L", with: " $'l\\xefst'")
            .replacing(" C", with: " $'c\\xf6nfig'")
        let script = """
            cd \(folder.path) && cp -r \(model) $'mod\\xe9l' && mv list $'l\\xefst' && mv config $'c\\xf6nfig' && \(named)
            """
        let running = try RunningProgram(
            "/bin/bash",
            ["-c", script],
            environment: Program.cleanEnvironment.merging([
                "UNDERTONE": Program.undertone.url.path, "DAEMON": Program.undertoned.url.path,
                "XDG_STATE_HOME": folder("state"),
            ]) { $1 }
        )
        let outcome = await running.outcome()
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        #expect(!outcome.messages.contains("cannot be read"), "\(outcome.testDescription)")
    }

    @Test(arguments: ["listen", "analyze"], ["pulse:nope", "alsa:hw:0", "tone", "default"])
    func aDeviceInPlaceOfAFileIsNamed(command: String, device: String) async throws {
        let outcome = try await Program.undertone.run([command, device])
        #expect(outcome.status == 9, "\(outcome.testDescription)")
        let hint = "\(device): no such file; for a device: undertone listen --device \(device)"
        #expect(outcome.messages.contains(hint), "\(outcome.testDescription)")
    }

    @Test func aFileWithThePrefixOfADeviceIsNamed() async throws {
        let outcome = try await Program.undertone.run(["listen", "file:talk.wav"])
        #expect(outcome.status == 9 && outcome.sentence.contains("without 'file:', as talk.wav"))
    }

    @Test(arguments: ["fre", "/nowhere/model"])
    func aModelThatIsNotThereIsRefusedWithTheNamesOfTheBundledOnes(name: String) async throws {
        let words = [
            ["analyze", "--model", name, Sounds.speech[0]], ["listen", "--model", name, Sounds.speech[0]],
            ["model", "info", "--model", name], ["selftest", "--model", name],
        ]
        var outcomes: [Outcome] = []
        for words in words { outcomes.append(try await Program.undertone.run(words)) }
        outcomes.append(
            try await Program.undertoned.run([
                "--model", name, "--socket", folder("u.sock"), "--device", "tone",
            ])
        )
        for outcome in outcomes {
            #expect(outcome.status == 5, "\(outcome.testDescription)")
            #expect(
                outcome.sentence.contains("name a folder, or a bundled model: default, free"),
                "\(outcome.testDescription)"
            )
        }
    }

    @Test func aFolderWithSuchNamesIsSearched() async throws {
        try Sounds.wav(Sounds.silence(seconds: 1)).write(to: URL(filePath: folder("a.wav")))
        let odd = PathText.text(Array(folder.path.utf8) + [0x2F, 0xE9] + Array(".wav".utf8))
        let moved = PathText.withPath(folder("a.wav")) { from in PathText.withPath(odd) { rename(from, $0) } }
        #expect(moved == 0)
        let outcome = try await Program.undertone.run(["analyze", "--json", "--recursive", folder.path])
        #expect(outcome.status == 0, "\(outcome.testDescription)")
        #expect(try outcome.objects().map { $0["file"] as? String } == [odd])
    }

    @Test func aNameCannotControlTheTerminal() async throws {
        let name = "evil\u{1B}[2J\u{202E}\u{200B}\u{9B}31m\nundertone: all is well.wav"
        let missing = try await Program.undertone.run(["analyze", folder(name)])
        #expect(missing.status == 9)
        let line = try #require(missing.messages.split(separator: "\n").first)
        #expect(
            line.contains(#"evil\u{1b}[2J\u{202e}\u{200b}\u{9b}31m undertone: all is well.wav"#),
            "\(line)"
        )
        #expect(hidden(in: missing.messages).isEmpty, "\(missing.messages)")
        try Sounds.wav(Sounds.silence(seconds: 1)).write(to: URL(filePath: folder(name)))
        for shape in ["--text", "--json"] {
            let outcome = try await Program.undertone.run(["analyze", shape, folder(name)])
            #expect(outcome.status == 0, "\(outcome.testDescription)")
            #expect(hidden(in: outcome.output).isEmpty, "\(outcome.output)")
        }
        let row = try await Program.undertone.run(["analyze", "--json", folder(name)]).objects()
        #expect(row.first?["file"] as? String == folder(name))
    }

    private func hidden(in text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { $0 != "\n" && $0.isHidden }
    }

    @Test func skippedFilesAreCounted() async throws {
        for name in ["a.wav", "._a.wav"] {
            _ = try folder.write(Sounds.wav(Sounds.silence(seconds: 1)), to: name)
        }
        for name in ["b.m4a", "c.webm", "d.webm"] { _ = try folder.write("x", to: name) }
        let outcome = try await Program.undertone.run(
            ["analyze", "--json", "--recursive", folder.path],
            environment: ["PATH": "/nonexistent"]
        )
        #expect(outcome.status == 0 && outcome.outputLines.count == 1, "\(outcome.testDescription)")
        #expect(
            outcome.messages.contains("passed over 3 recordings (.m4a 1, .webm 2)"),
            "\(outcome.testDescription)"
        )
        #expect(outcome.messages.contains("skipped 1 leftover of"), "\(outcome.testDescription)")
    }

    @Test(arguments: ["no", "off", "False", "n", "0", "FALSE", ""])
    func aFlagInTheEnvironmentIsSwitchedOff(word: String) async throws {
        let outcome = try await Program.undertone.run(
            ["listen", Sounds.speech[0]],
            environment: ["UNDERTONE_JSON": word]
        )
        #expect(outcome.status == 0 && !outcome.output.hasPrefix("{"), "\(outcome.testDescription)")
    }

    @Test(arguments: ["yes", "on", "True", "y", "1"])
    func aFlagInTheEnvironmentIsSwitchedOn(word: String) async throws {
        let outcome = try await Program.undertone.run(
            ["listen", Sounds.speech[0]],
            environment: ["UNDERTONE_JSON": word]
        )
        #expect(outcome.status == 0 && outcome.output.hasPrefix("{"), "\(outcome.testDescription)")
    }

    @Test func anotherWordIsRefused() async throws {
        let outcome = try await Program.undertone.run(
            ["listen", Sounds.speech[0]],
            environment: ["UNDERTONE_JSON": "perhaps"]
        )
        #expect(outcome.status == 10 && outcome.output.isEmpty, "\(outcome.testDescription)")
        #expect(outcome.sentence.contains("$UNDERTONE_JSON is 'perhaps', but must be true or false"))
    }

    /// A decoder process ends with the program, whatever ends the program.
    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/ffmpeg"),
            "ffmpeg is not installed"
        )
    )
    func noDecoderRunsAfterTheProgramEnded() async throws {
        let film = folder("long.m4a")
        let encoder = try RunningProgram(
            "/usr/bin/ffmpeg",
            ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "sine=duration=120:sample_rate=48000", film],
            environment: Program.cleanEnvironment
        )
        #expect(await encoder.outcome().status == 0)
        let running = try Program.undertone.start(["listen", "--realtime", "--json", film])
        #expect(try await eventually { self.decoders(of: running.identifier).count == 1 })
        let children = decoders(of: running.identifier)
        running.send(SIGKILL)
        _ = await running.outcome()
        #expect(try await eventually { children.allSatisfy { kill($0, 0) != 0 || self.isDead($0) } })
    }

    private func decoders(of parent: pid_t) -> [pid_t] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.compactMap { pid_t($0) }.filter { process in
            let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
            let fields = status.split(separator: " ")
            return fields.count > 3 && fields[1] == "(ffmpeg)" && fields[3] == "\(parent)"
        }
    }

    private func isDead(_ process: pid_t) -> Bool {
        let status = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        return status.isEmpty || status.contains(") Z ")
    }
}
