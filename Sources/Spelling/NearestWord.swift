// SPDX-License-Identifier: Apache-2.0

private let longestWord = 64

/// The word of `words` that `typed` was probably meant to be; nil if none is near.
///
/// Near is an edit distance of at most a third of the longer word, ignoring case, so that no far-fetched word is
/// suggested. Only the beginning of a long text is compared, so that untrusted input cannot cost much time.
package func nearestWord(to typed: String, among words: [String]) -> String? {
    let typed = String(decoding: typed.utf8.prefix(longestWord), as: UTF8.self).lowercased()
    // The distance is at least the difference in length, so most words need no table.
    let near = words.filter { abs($0.count - typed.count) * 3 <= max($0.count, typed.count) }
    let ranked = near.map { ($0, editDistance($0.lowercased(), typed)) }.min { $0.1 < $1.1 }
    guard let (word, distance) = ranked else { return nil }
    return distance * 3 <= max(word.count, typed.count) ? word : nil
}

/// Insertions, deletions, substitutions and swaps of neighbours that turn one text into the other
/// (optimal string alignment).
package func editDistance(_ first: String, _ second: String) -> Int {
    let (a, b) = (Array(first), Array(second))
    var table = [Array(0...b.count)]
    for i in 1..<(a.count + 1) {
        var row = [i]
        for j in 1..<(b.count + 1) {
            var best = min(
                table[i - 1][j] + 1,
                row[j - 1] + 1,
                table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
            )
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                best = min(best, table[i - 2][j - 2] + 1)
            }
            row.append(best)
        }
        table.append(row)
    }
    return table[a.count][b.count]
}
