// SPDX-License-Identifier: Apache-2.0
public import Corpora
public import Foundation
public import Recipes
public import SpeechFeatures
import Yams

/// One published system, or several variants of it, trained and tested as a YAML file in `configs/papers` says.
///
/// The properties are the file's keys; none has a default.
public protocol Study: Codable, Sendable {
    /// The recipe that names the judged corpus, relative to the study's file.
    var recipe: String { get }
    /// What it learns from beside that corpus.
    var sources: StudySources { get }
    /// Trains and tests what is not done yet and returns all tables.
    func run(in context: StudyContext) async throws -> [StudyTable]
}

/// What a study works with.
public struct StudyContext {
    /// The corpora.
    public let data: DataFolder
    /// Where feature tables are kept.
    public let cache: FeatureCache
    /// What frames are made of.
    public let features: FeatureSet
    /// Where results are kept.
    public let folder: StudyFolder
    /// The folder of the study's file: paths in it are relative to this.
    public let place: URL
    /// Hears of progress.
    public let tell: (RunEvent) -> Void

    /// Each parameter as its property says.
    public init(
        data: DataFolder,
        cache: FeatureCache,
        features: FeatureSet = .standard,
        folder: StudyFolder,
        place: URL,
        tell: @escaping (RunEvent) -> Void
    ) {
        (self.data, self.cache, self.features) = (data, cache, features)
        (self.folder, self.tell) = (folder, tell)
        self.place = URL(filePath: place.path, directoryHint: .isDirectory)
    }

    /// Hops of the features in a second.
    var hopsPerSecond: Double { Double(features.spectrum.sampleRate) / Double(features.spectrum.hopSamples) }

    /// The file at `path`, relative to the study's.
    func file(_ path: String) -> URL { URL(filePath: path, relativeTo: place).standardizedFileURL }
}

/// The file of a study.
public enum StudyFile {
    /// Which study a file holds.
    private struct Header: Decodable {
        enum System: String, Decodable { case chunks, answers, clusters, orofacial }
        let system: System
    }

    /// Reads and checks a study; its key `system` says of which system.
    ///
    /// - Throws: an error that names the file and the key.
    public static func read(_ file: URL) throws(RecipeError) -> any Study {
        let text: String
        let system: Header.System
        do {
            text = try String(contentsOf: file, encoding: .utf8)
        } catch {
            throw .recipe(file: file.path, problem: "it cannot be read: \(reason(error))")
        }
        do {
            let node = try StrictYAML.document(text, file: file.path)
            system = try YAMLDecoder().decode(Header.self, from: node).system
        } catch let error as RecipeError {
            throw error
        } catch {
            throw .recipe(
                file: file.path,
                problem: "its key 'system' must name a system: chunks, answers, clusters or orofacial"
            )
        }
        switch system {
        case .chunks: return try StrictYAML.decode(ChunkStudy.self, from: text, file: file.path)
        case .orofacial: return try StrictYAML.decode(OrofacialStudy.self, from: text, file: file.path)
        case .answers: return try StrictYAML.decode(AnswerStudy.self, from: text, file: file.path)
        case .clusters: return try StrictYAML.decode(ClusterStudy.self, from: text, file: file.path)
        }
    }
}
