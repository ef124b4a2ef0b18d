// SPDX-License-Identifier: Apache-2.0

/// A dimension of vocal expression, on a scale from -1 to 1.
public enum Attribute: String, Codable, CaseIterable, Sendable, CodingKeyRepresentable {
    /// Calm to excited; also called activation.
    case arousal
    /// Unpleasant to pleasant.
    case valence
    /// Weak to strong.
    case dominance

    /// Maps the middle of a scale of `lowest`...`highest` to 0, its ends to -1 and 1.
    static func value(_ number: Double, on scale: ClosedRange<Double>) -> Double? {
        guard scale.contains(number) else { return nil }
        return 2 * (number - scale.lowerBound) / (scale.upperBound - scale.lowerBound) - 1
    }
}

/// The values of words in a corpus that names levels of an attribute.
public struct AttributeLevels: Codable, Hashable, Sendable {
    /// The column of the manifest with the words.
    public enum Column: String, Codable, Sendable {
        /// The words are then not labels, even if one looks like an emotion: such a corpus has none.
        case label
        /// The clip keeps its emotion.
        case intensity
    }

    /// The corpus.
    public let corpus: String
    /// Attribute that the words are levels of.
    public let attribute: Attribute
    /// Column of the words.
    public let column: Column
    /// Value of each word, -1...1.
    public let values: [String: Double]

    /// Sets each property to the parameter of its name.
    public init(corpus: String, attribute: Attribute, column: Column, values: [String: Double]) {
        (self.corpus, self.attribute, self.column, self.values) = (corpus, attribute, column, values)
    }

    /// Description of the first error in these levels; nil if there is none.
    public var problem: String? {
        if values.count < 2 { return "values must name at least two levels" }
        if !values.values.allSatisfy({ (-1...1).contains($0) }) { return "values must be -1 to 1" }
        return nil
    }
}

extension Manifest {
    /// The same clips with attributes from `levels`; levels of other corpora are ignored.
    ///
    /// - Throws: an error that names the line of a word that is not one of the levels.
    public func reading(_ levels: [AttributeLevels]) throws(CorporaError) -> Manifest {
        var manifest = self
        for level in levels where level.corpus == corpus {
            for index in clips.indices {
                guard let word = level.column == .label ? clips[index].word : clips[index].intensity else {
                    continue
                }
                guard let value = level.values[word] else {
                    let known = level.values.keys.sorted().joined(separator: ", ")
                    throw .malformed(
                        file: file,
                        line: clips[index].line,
                        problem: "the \(level.column) '\(word)' is none of the levels \(known)"
                    )
                }
                manifest.clips[index].attributes[level.attribute] = value
                if level.column == .label { manifest.clips[index].word = nil }
            }
        }
        return manifest
    }

    /// The clips with an emotion label or one of `attributes`; each must name its speaker.
    ///
    /// - Throws: see ``emotionalClips(ignoring:)``.
    public func clips(teaching attributes: Set<Attribute>) throws(CorporaError) -> [Clip] {
        let emotional = Set(try emotionalClips().map(\.path))
        let kept = clips.filter {
            emotional.contains($0.path) || !attributes.isDisjoint(with: $0.attributes.keys)
        }
        if let clip = kept.first(where: { $0.speaker == nil }) { throw missingSpeaker(clip) }
        return kept
    }

    static func attributes(_ row: CSVTable.Row, of table: CSVTable) throws(CorporaError) -> [Attribute:
        Double]
    {
        var values: [Attribute: Double] = [:]
        for attribute in Attribute.allCases {
            guard let field = table.value(attribute.rawValue, in: row) else { continue }
            guard let value = Double(field), (-1...1).contains(value) else {
                throw table.problem("the \(attribute) '\(field)' is not a number from -1 to 1", in: row)
            }
            values[attribute] = value
        }
        return values
    }
}
