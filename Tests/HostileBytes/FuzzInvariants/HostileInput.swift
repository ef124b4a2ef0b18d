// SPDX-License-Identifier: Apache-2.0

/// A way by which bytes of a stranger come in.
///
/// It feeds them to the parser that the programs use, and then checks a promise about what came out: a parser that
/// never crashes but accepts what it should not is no better. libFuzzer drives these (`tools/fuzz/run`), and the tests
/// replay the inputs that it kept.
public struct HostileInput: Sendable, CustomStringConvertible {
    /// Its name, and that of its corpus.
    public let name: String
    private let parse: @Sendable ([UInt8]) throws(BrokenPromise) -> Void

    /// Its name.
    public var description: String { name }

    /// An input whose bytes go to `parse`.
    public init(_ name: String, _ parse: @escaping @Sendable ([UInt8]) throws(BrokenPromise) -> Void) {
        self.name = name
        self.parse = parse
    }

    /// Feeds `bytes` to the parser.
    ///
    /// - Throws: where the parser did not stop, but did not keep its word either.
    public func feed(_ bytes: [UInt8]) throws(BrokenPromise) { try parse(bytes) }
}

/// What a parser did although its documentation says that it never does.
public struct BrokenPromise: Error, CustomStringConvertible {
    /// One sentence.
    public let description: String

    /// A promise that was not kept.
    public init(description: String) { self.description = description }
}

/// Throws `sentence` unless `isKept`.
public func promise(_ isKept: Bool, _ sentence: @autoclosure () -> String) throws(BrokenPromise) {
    if !isKept { throw BrokenPromise(description: sentence()) }
}

/// The bug of a build that has one (`tools/fuzz/prove`): it stands behind the parser, where only a text that was
/// accepted arrives.
public func plantedBug(when isReached: @autoclosure () -> Bool) throws(BrokenPromise) {
    #if PLANTED_BUG
        try promise(!isReached(), "the planted bug was found")
    #endif
}
