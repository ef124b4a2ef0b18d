// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport
import Testing

/// Commands that documents show, compared with what the programs accept.
@Suite struct DocumentTests {
    /// A command of ours as a document shows it.
    private struct Command: CustomTestStringConvertible {
        let program: Program
        let words: [String]

        var flags: [String] { words.filter { $0.hasPrefix("--") } }
        /// The subcommand, if the program has any.
        var subcommand: [String] {
            program == .undertoned ? [] : Array(words.prefix { !$0.hasPrefix("-") }.prefix(1))
        }
        var testDescription: String { ([program.rawValue] + words).joined(separator: " ") }
    }

    /// The commands in the indented lines of a document.
    private static func commands(_ path: String) throws -> [Command] {
        let text = try String(contentsOf: Fixtures.root.appending(path: path), encoding: .utf8)
        return text.split(separator: "\n").filter { $0.hasPrefix("    ") }.flatMap(commands)
    }

    private static func commands(line: Substring) -> [Command] {
        let code = line.split(separator: " #").first ?? line
        return code.split { "|&;".contains($0) }.compactMap { part in
            let words = part.split(separator: " ").map(String.init)
            let name = words.first.map { URL(filePath: $0).lastPathComponent }
            return name.flatMap(Program.init).map { Command(program: $0, words: Array(words.dropFirst())) }
        }
    }

    @Test(arguments: [
        "README.md", "USE_POLICY.md", "systemd/README.md", "Sources/EventSocket/EventSocket.docc/Protocol.md",
        "Sources/Research/Recipes/Recipes.docc/Recipes.md",
        "Sources/Research/Recipes/Recipes.docc/Teacher.md",
    ])
    func everyCommandOfADocumentIsOneThatTheProgramKnows(_ path: String) async throws {
        for command in try Self.commands(path) {
            let help = try await command.program.run(command.subcommand + ["--help"])
            #expect(help.status == 0, "\(command.testDescription)")
            for flag in command.flags {
                let name = flag.split(separator: "=").first.map(String.init) ?? flag
                let isKnown = help.output.contains(try Regex("\(name)(?![a-z-])")) || name == "--help"
                #expect(isKnown, "\(command.testDescription): no flag \(name)")
            }
        }
    }

    @Test func theReadmeShowsCommandsOfAllThreePrograms() throws {
        let programs = Set(try Self.commands("README.md").map(\.program))
        #expect(programs == [.undertone, .undertoned, .trainer])
    }
}
