// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation

extension Recipe {
    /// Teacher table that a recipe was written for: the folder's name below `--tables`, and what must stand in it.
    public struct TableSource: Codable, Hashable, Sendable {
        /// Name of the table's folder.
        public let table: String
        /// Name and version of the encoder.
        public let encoder: String
        /// Numbers in a vector.
        public let vectorSize: Int
        /// Time from one vector to the next.
        public let frameMilliseconds: Int

        /// Each parameter as its property says.
        package init(table: String, encoder: String, vectorSize: Int, frameMilliseconds: Int) {
            (self.table, self.encoder) = (table, encoder)
            (self.vectorSize, self.frameMilliseconds) = (vectorSize, frameMilliseconds)
        }

        /// Opens the table for some corpora.
        ///
        /// - Throws: an error that names the table if it is absent, or of another encoder, size or frame rate.
        func open(in tables: URL?, corpora: [String]) throws -> TeacherTable {
            guard let tables else {
                throw RecipeError.data(
                    problem:
                        "the recipe learns from the table '\(table)': pass --tables DIR, the folder that holds it"
                )
            }
            let found = try TeacherTable(folder: tables.appending(path: table), corpora: corpora)
            let description = found.description
            guard description.encoder == encoder else {
                throw unlike(found, "encoder", is: description.encoder, not: encoder)
            }
            guard description.vectorSize == vectorSize else {
                throw unlike(found, "vector size", is: "\(description.vectorSize)", not: "\(vectorSize)")
            }
            guard description.frameMilliseconds == frameMilliseconds else {
                throw unlike(
                    found,
                    "frame time in ms",
                    is: "\(description.frameMilliseconds)",
                    not: "\(frameMilliseconds)"
                )
            }
            return found
        }

        private func unlike(_ table: TeacherTable, _ what: String, is found: String, not wanted: String)
            -> RecipeError
        {
            .data(
                problem:
                    "the table \(table.folder.path) has the \(what) \(found), and the recipe asks for \(wanted); "
                    + "name another table or change the recipe"
            )
        }
    }

    /// Speech detector whose table marks speech in clean clips; absent where the level alone does.
    public struct Detector: Codable, Hashable, Sendable {
        /// Table of the detector's probabilities.
        public let source: TableSource
        /// Probability from which a frame is speech, 0...1.
        public let threshold: Float

        /// The part of it that decides the content of a feature table.
        var marker: SpeechDetector { SpeechDetector(encoder: source.encoder, threshold: threshold) }
    }
}

extension Recipe.Pretext {
    /// The network predicts a teacher's vectors from speech that may be noisy, where the teacher heard it clean.
    ///
    /// With p the predicted and v the teacher's standardised vectors of P numbers, over the N frames of speech of a batch,
    ///
    ///     L = weight / (N P) sum (p - v)² + momentWeight / (B P) sum over clips ((mean p - mean v)² + (dev p - dev v)²)
    ///
    /// The second part asks for each clip's mean and deviation, which are what the read-out pools; a squared error alone
    /// shrinks deviations.
    public struct Teacher: Codable, Hashable, Sendable {
        /// The table that holds the vectors.
        public let source: Recipe.TableSource
        /// Weight of the squared error of frames.
        public let weight: Float
        /// Weight of the squared error of each clip's mean and deviation.
        public let momentWeight: Float

        /// Each parameter as its property says.
        package init(source: Recipe.TableSource, weight: Float, momentWeight: Float) {
            (self.source, self.weight, self.momentWeight) = (source, weight, momentWeight)
        }
    }
}

extension Recipe {
    /// Recordings that teach the speech head what no speech is: the noises, and those that are never mixed in.
    var silentSelections: [Selection] { augmentation.noise + (nonSpeech ?? []) }
}
