// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import TestSupport

/// A small folder with the file names of a published corpus; every recording is real speech.
struct PublishedCorpus {
    let folder = FileManager.default.temporaryDirectory.appending(path: "import-\(UUID().uuidString)")
    var source: URL { folder.appending(path: "source") }
    var corpus: URL { folder.appending(path: "corpus") }

    init(recordings: [String], documents: [String: String] = [:]) throws {
        for path in recordings {
            try FileManager.default.copyItem(at: Fixtures.speech[0], to: made(path))
        }
        for (path, text) in documents { try text.write(to: made(path), atomically: true, encoding: .utf8) }
    }

    private func made(_ path: String) throws -> URL {
        let file = source.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        return file
    }

    /// The clips of the manifest after an import.
    func clips(_ layout: CorpusLayout, _ rules: CorpusLayout.Rules = .init()) throws -> [Clip] {
        _ = try CorpusImport.run(layout, from: source, to: corpus, rules: rules)
        return try Manifest(folder: corpus).clips
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }
}
