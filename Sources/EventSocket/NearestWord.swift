// SPDX-License-Identifier: Apache-2.0

/// Finds the word that somebody probably meant.
enum NearestWord {
    /// The closest of `known` to `word`, or nil if none is close (more than a third of the word would change).
    static func of(_ word: String, in known: [String]) -> String? {
        let distances = known.map { (word: $0, distance: distance(word.lowercased(), $0.lowercased())) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= max(2, word.count / 3) ? best.word : nil
    }

    /// How many characters must be put in, taken out or replaced (Levenshtein 1966).
    private static func distance(_ first: String, _ second: String) -> Int {
        let first = Array(first.prefix(64))
        let second = Array(second.prefix(64))
        var row = Array(0...second.count)
        for (i, character) in first.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in second.enumerated() {
                let replaced = diagonal + (character == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[second.count]
    }
}
