// SPDX-License-Identifier: Apache-2.0
public import Corpora
public import Foundation
public import Recipes
public import SpeechFeatures
import Yams

/// One published system, or several variants of it, trained and tested as described by a YAML file in `configs/papers`.
///
/// The properties are the file's keys; none has a default.
public protocol Study: Codable, Sendable {
    /// The recipe that names the judged corpus, relative to the study's file.
    var recipe: String { get }
    /// Additional data that it learns from.
    var sources: StudySources { get }
    /// Trains and tests the unfinished parts and returns all tables.
    func run(in context: StudyContext) async throws -> [StudyTable]
}

/// The environment of a study.
public struct StudyContext {
    /// The corpora.
    public let data: DataFolder
    /// Folder of the feature tables.
    public let cache: FeatureCache
    /// Settings of the features.
    public let features: FeatureSet
    /// Folder of the results.
    public let folder: StudyFolder
    /// Folder of the study's file; paths in the file are relative to it.
    public let place: URL
    /// Receives progress reports.
    public let tell: (RunEvent) -> Void

    /// Each parameter sets the property of its name.
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

/// A study's file.
public enum StudyFile {
    /// The study that a file holds.
    private struct Header: Decodable {
        enum System: String, Decodable { case chunks, answers, clusters, orofacial }
        let system: System
    }

    /// Reads and checks a study; its key `system` names the system.
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
