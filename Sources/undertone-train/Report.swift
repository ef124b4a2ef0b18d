// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
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
        do {
            try page.write(to: file, atomically: true, encoding: .utf8)
        } catch {
            throw ProgramFailure(.other, "\(file.path) cannot be written: \(error.localizedDescription)")
        }
        try StandardOutput.write(file.path + "\n")
    }
}
