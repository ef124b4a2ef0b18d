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
    @Flag(help: "Replace the file that --out names, whatever it holds.") var overwrite = false

    func run() throws {
        let folder = URL(filePath: folder)
        let page = try RunReport(run: folder).html
        let file = out.map { URL(filePath: $0) } ?? folder.appending(path: "report.html")
        try checkReplaceable(file)
        do { try AtomicFile.write(Array(page.utf8), to: file.path) } catch { throw Self.failure(error) }
        try StandardOutput.write(file.path + "\n")
    }

    /// Refuses a file that holds something else than such a page.
    private func checkReplaceable(_ file: URL) throws {
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        let text = (try? Data(contentsOf: file)).map { String(decoding: $0.prefix(4_096), as: UTF8.self) }
        if text.map(RunReport.isPage) ?? false { return }
        guard overwrite else {
            throw ProgramFailure(
                .other,
                "\(file.path) is there and is not a page about a run; name another file, or add --overwrite to replace it"
            )
        }
        ProgressDisplay.show("replacing \(file.path)")
    }

    private static func failure(_ error: ModelError) -> ProgramFailure {
        guard case .unwritable(let path, let reason) = error else {
            return ProgramFailure(.other, "\(error)")
        }
        return ProgramFailure(.other, "\(path) cannot be written: \(reason)")
    }
}
