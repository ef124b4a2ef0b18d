// SPDX-License-Identifier: Apache-2.0
package import Corpora
package import Foundation
import ModelBundle

/// Reads what a run or a study learns from.
package struct InputReader {
    private let data: DataFolder
    private let memory: ContentMemory
    /// True to skip an absent corpus, as in a test of trained networks.
    private let allowsAbsent: Bool
    private var corpora: Set<String> = []
    /// The corpora that were passed over.
    private(set) var absent: Set<String> = []
    /// Inputs read so far.
    package private(set) var inputs = RunInputs()

    /// - Parameters:
    ///   - data: the corpora.
    ///   - cache: remembers checksums.
    ///   - allowsAbsent: whether a corpus that is not there is passed over.
    package init(data: DataFolder, cache: FeatureCache, allowsAbsent: Bool = false) {
        (self.data, memory, self.allowsAbsent) = (data, cache.memory, allowsAbsent)
    }

    /// Every clip of some corpora, with their face series.
    ///
    /// - Throws: an error that names a manifest that cannot be read.
    package mutating func add(corpora names: [String]) throws(CorporaError) {
        for name in names where corpora.insert(name).inserted {
            let folder = data.url.appending(path: name, directoryHint: .isDirectory)
            if allowsAbsent, !FileManager.default.fileExists(atPath: folder.path) {
                absent.insert(name)
                continue
            }
            for clip in try data.manifest(of: name).clips { add(clip, in: folder) }
        }
    }

    private mutating func add(_ clip: Clip, in folder: URL) {
        inputs.add(
            RunInputs.Item(
                kind: .clip,
                name: clip.name,
                content: memory.content(of: clip.file.path),
                label: clip.word ?? "",
                speaker: clip.speaker ?? "",
                rest: ContentHash.digits(of: clip.otherColumns)
            )
        )
        guard let face = clip.faceFile else { return }
        add(file: folder.appending(path: face), named: "\(clip.corpus)/\(face)")
    }

    /// A file that the recipe names.
    package mutating func add(file: URL, named name: String) { add(file, .file, name) }

    /// A text, such as a definition that comes with the program.
    package mutating func add(text: String, named name: String) {
        inputs.add(RunInputs.Item(kind: .file, name: name, content: ContentHash.digits(of: text)))
    }

    /// The files of a model.
    package mutating func add(model path: String) {
        let folder = URL(filePath: ModelFolder.path(named: path), directoryHint: .isDirectory)
        for name in ["config.json", "model.safetensors"] {
            add(folder.appending(path: name), .file, "\(path)/\(name)")
        }
    }

    /// The files of a teacher's table that describe some corpora.
    mutating func add(table: Recipe.TableSource, in tables: URL, corpora: [String]) {
        for file in table.files(in: tables, corpora: corpora) {
            add(file, .table, "\(table.table)/\(file.lastPathComponent)")
        }
    }

    private mutating func add(_ file: URL, _ kind: RunInputs.Kind, _ name: String) {
        inputs.add(RunInputs.Item(kind: kind, name: name, content: memory.content(of: file.path)))
    }

    /// Keeps the checksums for the next start.
    package func save() { memory.save() }
}

extension Recipe.TableSource {
    /// The files of the table that describe some corpora.
    func files(in tables: URL, corpora: [String]) -> [URL] {
        let folder = tables.appending(path: table, directoryHint: .isDirectory)
        let names = ["table.json"] + corpora.sorted().flatMap { ["\($0).csv", "\($0).f16"] }
        return names.map { folder.appending(path: $0) }
    }
}

extension Clip {
    /// The columns that training may look at beside path, label and speaker, as one text.
    fileprivate var otherColumns: String {
        let counts = votes.map { $0.counts.map(String.init).joined(separator: " ") } ?? ""
        let values = attributes.map { "\($0.key.rawValue)=\($0.value)" }.sorted().joined(separator: " ")
        return [
            sex?.rawValue ?? "", age.map(String.init) ?? "", intensity ?? "", sentence ?? "", faceFile ?? "",
            counts,
            values, "\(durationSeconds)",
        ].joined(separator: "\u{1F}")
    }
}
