// SPDX-License-Identifier: Apache-2.0

/// The words that turn a setting or variable on or off; case is ignored.
package enum FlagWord {
    /// The accepted words, as the end of "must be …".
    package static let accepted = "true or false (or 1 and 0, yes and no, on and off)"
    private static let on: Set = ["1", "true", "t", "yes", "y", "on"]
    private static let off: Set = ["0", "false", "f", "no", "n", "off"]

    /// True for on, false for off, nil for any other word.
    package static func value(of word: String) -> Bool? {
        let word = word.lowercased()
        return on.contains(word) ? true : off.contains(word) ? false : nil
    }
}
