// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import ModelBundle
import Recipes
import ServiceRuntime

/// Writes a page about a run.
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write one HTML page about a run: how it learned and how good it is.",
        discussion:
            "The page needs no server and loads nothing. It is RUN/report.html unless --out names another file."
    )
    @Argument(help: ArgumentHelp("The folder of the run.", valueName: "run")) var folder: String
    @Option(help: ArgumentHelp("The file to write.", valueName: "file")) var out: String?

    func run() throws {
        let folder = URL(filePath: folder)
        let page = try RunReport(run: folder).html
        let file = out.map { URL(filePath: $0) } ?? folder.appending(path: "report.html")
        do { try AtomicFile.write(Array(page.utf8), to: file.path) } catch { throw Self.failure(error) }
        try StandardOutput.write(file.path + "\n")
    }

    private static func failure(_ error: ModelError) -> ProgramFailure {
        guard case .unwritable(let path, let reason) = error else {
            return ProgramFailure(.other, "\(error)")
        }
        return ProgramFailure(.other, "\(path) cannot be written: \(reason)")
    }
}
