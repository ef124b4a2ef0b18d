// SPDX-License-Identifier: Apache-2.0

/// The words that switch something on or off, in settings and in the environment; upper and lower case are alike.
package enum FlagWord {
    /// The end of "must be …".
    package static let accepted = "true or false (or 1 and 0, yes and no, on and off)"
    private static let on: Set = ["1", "true", "t", "yes", "y", "on"]
    private static let off: Set = ["0", "false", "f", "no", "n", "off"]

    /// True for on, false for off, nil for any other word.
    package static func value(of word: String) -> Bool? {
        let word = word.lowercased()
        return on.contains(word) ? true : off.contains(word) ? false : nil
    }
}
