// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// `undertone-train` as a user calls it.
@Suite struct TrainerTests {
    let folder = TemporaryFolder()

    /// A folder of corpora with `mine`: the fixture recordings of one person, each twice, under the labels given.
    private func corpora(_ name: String, labels: [String]) throws -> String {
        let mine = folder("\(name)/mine")
        try FileManager.default.createDirectory(atPath: mine, withIntermediateDirectories: true)
        var manifest = "path,speaker,label,duration_s\n"
        for (file, label) in zip(Fixtures.speech, labels) {
            for copy in 0..<2 {
                let path = "\(copy)-\(file.lastPathComponent)"
                try FileManager.default.copyItem(atPath: file.path, toPath: "\(mine)/\(path)")
                manifest += "\(path),me,\(label),4.3\n"
            }
        }
        try manifest.write(toFile: mine + "/manifest.csv", atomically: true, encoding: .utf8)
        return folder(name)
    }

    private func finetune(_ data: String, _ more: [String] = []) async throws -> Outcome {
        let recipe = Fixtures.root.appending(path: "configs/recipes/finetune.yaml").path
        return try await Program.trainer.run(
            [
                "finetune", "--from", "free", "--recipe", recipe, "--data", data, "--run", folder("run"),
                "--out",
                folder("model"),
            ] + more
        )
    }

    private func weights() throws -> Data {
        try Data(contentsOf: URL(filePath: folder("model/model.safetensors")))
    }

    @Test func finetuneWithOtherDataNeverWritesTheOldModel() async throws {
        let first = try corpora("first", labels: ["angry", "happy", "sad"])
        let second = try corpora("second", labels: ["happy", "sad", "angry"])
        let made = try await finetune(first)
        #expect(made.status == 0, "\(made.testDescription)")
        let old = try weights()
        let again = try await finetune(first)
        #expect(again.status == 0, "its own model may be written again: \(again.testDescription)")
        let refused = try await finetune(second)
        #expect(
            refused.status == 1 && refused.sentence.contains("labels changed: 6"),
            "\(refused.testDescription)"
        )
        #expect(refused.sentence.contains("--overwrite") && !refused.sentence.contains("\n"))
        #expect(try weights() == old)
        let replaced = try await finetune(second, ["--overwrite"])
        #expect(replaced.status == 0, "\(replaced.testDescription)")
        #expect(
            replaced.messages.contains("; removing exports.json, inputs.txt, release"),
            "\(replaced.testDescription)"
        )
        #expect(replaced.messages.contains("replacing the model in \(folder("model"))"))
        #expect(try weights() != old)
    }

    @Test func aModelOfAnotherOriginIsOnlyReplacedWhereThatIsAsked() async throws {
        let data = try corpora("first", labels: ["angry", "happy", "sad"])
        #expect(try await finetune(data).status == 0)
        let old = try weights()
        let other = ["--run", folder("other-run")]
        let recipe = Fixtures.root.appending(path: "configs/recipes/finetune.yaml").path
        let words = [
            "finetune", "--from", "free", "--recipe", recipe, "--data", data, "--out", folder("model"),
        ]
        let refused = try await Program.trainer.run(words + other)
        #expect(refused.status == 5 && refused.sentence.contains("add --overwrite to replace it"))
        #expect(try weights() == old)
        let onto = try await Program.trainer.run(
            [
                "finetune", "--from", folder("model"), "--recipe", recipe, "--data", data, "--out",
                folder("model"),
                "--overwrite",
            ] + other
        )
        #expect(
            onto.status == 5 && onto.sentence.contains("it is the model to start from"),
            "\(onto.testDescription)"
        )
    }

    @Test func aSecondTrainerNamesTheFirst() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let words = ["train", "--recipe", corpus.recipe.path, "--data", corpus.folder.path + "/data"]
        let place = ["--run", folder("run"), "--cache", folder("cache"), "--fold"]
        let early = try await Program.trainer.run(words + place + ["7"])
        #expect(
            early.status == 2 && early.sentence.contains("there is no fold 7"),
            "\(early.testDescription)"
        )
        let script =
            "exec 9<>\(folder("run/lock")); flock 9; echo $$ > \(folder("run/lock")); echo held; exec sleep 600"
        let holder = try RunningProgram("/bin/bash", ["-c", script], environment: ["PATH": "/usr/bin:/bin"])
        #expect(try await eventually(within: 60) { holder.outputSoFar.contains("held") })
        let refused = try await Program.trainer.run(words + place + ["0"])
        #expect(refused.status == 11, "\(refused.testDescription)")
        #expect(refused.sentence.contains("process \(holder.identifier) works in it"))
        holder.send(SIGKILL)
        _ = await holder.outcome()
        let trained = try await Program.trainer.run(words + place + ["0"])
        #expect(trained.status == 0, "\(trained.testDescription)")
    }

    @Test func aMissingRecipeIsNamedWithTheFlag() async throws {
        for command in [["finetune", "--from", "free", "--out", folder("model")], ["train"]] {
            let refused = try await Program.trainer.run(
                command + ["--recipe", folder("none.yaml"), "--data", folder.path]
            )
            #expect(refused.status == 10, "\(refused.testDescription)")
            #expect(
                refused.sentence.contains(
                    "there is no recipe at \(folder("none.yaml")); name one with --recipe"
                )
            )
        }
    }

    @Test func oneClassIsRefusedWithNumbers() async throws {
        let data = try corpora("one", labels: ["happy", "happy", "happy"])
        let refused = try await finetune(data)
        #expect(refused.status == 9, "\(refused.testDescription)")
        #expect(refused.sentence.contains("all 6 clips that can be used are of 'happy'"))
        #expect(!FileManager.default.fileExists(atPath: folder("model")))
    }

    @Test func importNeverReplacesOtherFiles() async throws {
        let recordings = folder("recordings/happy")
        try FileManager.default.createDirectory(atPath: recordings, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Fixtures.speech[0].path, toPath: recordings + "/a.opus")
        try FileManager.default.createDirectory(
            atPath: folder("documents"),
            withIntermediateDirectories: true
        )
        let thesis = try folder.write("mine", to: "documents/thesis.txt")
        for flags in [[], ["--overwrite"]] {
            let refused = try await Program.trainer.run(
                ["import", "folders", folder("recordings"), "--out", folder("documents")] + flags
            )
            #expect(
                refused.status == 9 && refused.sentence.contains("'thesis.txt'"),
                "\(refused.testDescription)"
            )
        }
        #expect(try String(contentsOfFile: thesis, encoding: .utf8) == "mine")
    }

    @Test func reportReplacesOnlyPagesAboutRuns() async throws {
        let corpus = try SmallCorpus()
        defer { corpus.remove() }
        let prepared = try await Program.trainer.run(
            [
                "prepare", "--recipe", corpus.recipe.path, "--data", corpus.folder.path + "/data", "--run",
                folder("run"),
            ]
        )
        #expect(prepared.status == 0 && prepared.outputLines.count == 1, "\(prepared.testDescription)")
        let letter = try folder.write("mine", to: "letter.html")
        let refused = try await Program.trainer.run(["report", folder("run"), "--out", letter])
        #expect(
            refused.status == 1 && refused.sentence.contains("add --overwrite"),
            "\(refused.testDescription)"
        )
        for words in [["--out", letter, "--overwrite"], ["--out", letter], []] {
            let written = try await Program.trainer.run(["report", folder("run")] + words)
            #expect(written.status == 0, "\(written.testDescription)")
        }
    }

    /// A wrong command line and its message.
    struct Mistake: Sendable, CustomTestStringConvertible {
        let words: [String]
        let status: Int32
        let sentence: String
        var testDescription: String { words.joined(separator: " ") }

        init(_ words: String, _ status: Int32, _ sentence: String) {
            self.words = words.split(separator: " ").map(String.init)
            (self.status, self.sentence) = (status, sentence)
        }
    }

    @Test(arguments: [
        Mistake("", 0, "SUBCOMMANDS"),
        Mistake("tain", 2, "tain"),
        Mistake("train --fold 0 --release --data /tmp", 2, "--fold and --release exclude each other"),
        Mistake("train --fold x --data /tmp", 2, "--fold <fold>"),
        Mistake("train --data /no-such-folder", 9, "there is no such folder"),
        Mistake("train --data /etc/passwd", 9, "it is a file, not a folder"),
        Mistake("train --data /tmp --recipe /no-such.yaml", 10, "/no-such.yaml"),
        Mistake("train", 2, "no corpora given: pass --data DIR or set UNDERTONE_DATA"),
        Mistake("prepare", 2, "no corpora given"),
        Mistake("evaluate --data /tmp --recipe /dev/null", 10, "/dev/null"),
        Mistake("pretrain --release --fold 1 --data /tmp", 2, "exclude each other"),
        Mistake("export --data /tmp", 2, "--out"),
        Mistake("default-model --data /tmp --out /etc", 5, "/etc"),
        Mistake("finetune --data /tmp --out /tmp/ut-no-such-model", 2, "--from"),
        Mistake("finetune --from free --data /tmp --out /etc", 5, "is not a model"),
        Mistake("finetune --from free --data /tmp --out /etc --overwrite", 5, "is not a model"),
        Mistake("import", 2, "layout"),
        Mistake("import nowhere /tmp --out /tmp/x", 2, "<layout>"),
        Mistake("import folders /no-such-folder --out /tmp/ut-no-such-corpus", 9, "/no-such-folder"),
        Mistake("import folders /tmp --out /tmp/x", 9, "overlaps the recordings"),
        Mistake("import folders /tmp --label loud --out /tmp/x", 2, "intended, voice or audiovisual"),
        Mistake("compare", 2, "run"),
        Mistake("compare /no-such-run", 1, "/no-such-run"),
        Mistake("compare --unseen /no-such-run", 1, "/no-such-run"),
        Mistake("report /no-such-run", 1, "there is no recipe.json in it"),
        Mistake("measure --model /no-such-model --data /tmp", 5, "/no-such-model"),
        Mistake("study /no-such-study.yaml --data /tmp", 10, "/no-such-study.yaml"),
        Mistake("study /dev/null --data /tmp", 10, "/dev/null"),
        Mistake("ablate /no-such-ablation.yaml --data /tmp", 10, "/no-such-ablation.yaml"),
        Mistake("ablate /dev/null --data /tmp", 10, "/dev/null"),
    ])
    func aWrongCommandLineGetsOneSentenceAndItsStatus(_ mistake: Mistake) async throws {
        let outcome = try await Program.trainer.run(mistake.words)
        #expect(outcome.status == mistake.status, "\(outcome.testDescription)")
        #expect((outcome.messages + outcome.output).contains(mistake.sentence), "\(outcome.testDescription)")
        #expect(!outcome.messages.contains("Fatal error"))
    }

    @Test(arguments: [
        "import", "prepare", "train", "pretrain", "finetune", "evaluate", "export", "default-model", "ablate",
        "compare",
        "measure", "report", "study",
    ])
    func everyCommandExplainsItself(_ command: String) async throws {
        let outcome = try await Program.trainer.run([command, "--help"])
        #expect(outcome.status == 0 && outcome.output.contains("USAGE: undertone-train \(command)"))
        let writes = !["compare", "measure", "evaluate"].contains(command)
        #expect(outcome.output.contains("--overwrite") == writes, "\(command) writes, so it has --overwrite")
    }
}
