// SPDX-License-Identifier: Apache-2.0

/// A parser input whose bytes come from an untrusted source.
///
/// The bytes go to the parser that the programs use, and then a promise about the result is checked: a parser that never
/// crashes but accepts invalid input is no better. libFuzzer drives these inputs (`tools/fuzz/run`), and the tests replay
/// the inputs that it kept.
public struct HostileInput: Sendable, CustomStringConvertible {
    /// Name of the input and of its corpus.
    public let name: String
    private let parse: @Sendable ([UInt8]) throws(BrokenPromise) -> Void

    /// Name of the input.
    public var description: String { name }

    /// Creates an input whose bytes go to `parse`.
    public init(_ name: String, _ parse: @escaping @Sendable ([UInt8]) throws(BrokenPromise) -> Void) {
        self.name = name
        self.parse = parse
    }

    /// Feeds `bytes` to the parser.
    ///
    /// - Throws: if the parser did not crash but broke a promise.
    public func feed(_ bytes: [UInt8]) throws(BrokenPromise) { try parse(bytes) }
}

/// A violation of a parser's documented promise.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// One sentence.
    public let description: String

    /// Creates an error with a sentence.
    public init(description: String) { self.description = description }
}

/// Throws an error with `sentence` unless `isKept`.
public func promise(_ isKept: Bool, _ sentence: @autoclosure () -> String) throws(BrokenPromise) {
    if !isKept { throw BrokenPromise(description: sentence()) }
}

/// The bug of a build that has one (`tools/fuzz/prove`): it comes after the parser, so only accepted input reaches it.
public func plantedBug(when isReached: @autoclosure () -> Bool) throws(BrokenPromise) {
    #if PLANTED_BUG
        try promise(!isReached(), "the planted bug was found")
    #endif
}
