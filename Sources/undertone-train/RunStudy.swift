// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Corpora
import Foundation
import MatrixProducts
import Papers
import ServiceRuntime

/// Trains and tests a published system.
struct RunStudy: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Train and test a published system as a file in configs/papers says, and print its tables.",
        discussion: """
            Finished parts are kept in the folder of the results; a call goes on where the last one stopped.
            """
    )
    @Argument(help: ArgumentHelp("The study.", valueName: "file")) var file: String
    @OptionGroup var places: PlaceOptions
    @Option(
        help: ArgumentHelp("The folder of the results; else runs/NAME OF THE FILE.", valueName: "dir")
    ) var run: String?
    @OptionGroup var overwriting: OverwriteOption

    func run() async throws {
        let file = URL(filePath: file)
        let study = try StudyFile.read(file)
        let data = try places.dataFolder()
        try OpenBLAS.load()
        let name = file.deletingPathExtension().lastPathComponent
        let folder = try StudyFolder(URL(filePath: run ?? "runs/\(name)"), study: study, overwriting.opening)
        let cache = places.cacheFolder ?? folder.url.appending(path: "cache", directoryHint: .isDirectory)
        let context = StudyContext(
            data: data,
            cache: try FeatureCache(folder: cache),
            folder: folder,
            place: file.absoluteURL.deletingLastPathComponent(),
            tell: places.progress.show
        )
        try folder.claim(for: study, in: context, overwriting.opening)
        let tables = try await study.run(in: context)
        try folder.write(tables)
        try StandardOutput.show(tables.map(\.markdown).joined(separator: "\n"))
    }
}
