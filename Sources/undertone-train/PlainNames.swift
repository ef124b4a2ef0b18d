// SPDX-License-Identifier: Apache-2.0
import PlainText
import ServiceRuntime

/// Refuses names that are not UTF-8 where a command would work on a file of another name.
enum PlainNames {
    /// Options that take any name: models and pages.
    private static let free: Set = ["--from", "--model", "--out"]

    /// The command line, if every name in it can be used.
    static func checked(_ words: [String]) throws(ProgramFailure) -> [String] {
        for (index, word) in words.enumerated() where !PathText.isUTF8(word) {
            let option = word.hasPrefix("--") ? word.prefix { $0 != "=" } : words[..<index].last?[...] ?? ""
            if free.contains(String(option)), words.first != "import" { continue }
            throw ProgramFailure(
                .usage,
                "the name \(word) is not UTF-8, which undertone-train takes for models (--from, --model, --out) only; "
                    + "rename it, or name a link to it"
            )
        }
        return words
    }
}
