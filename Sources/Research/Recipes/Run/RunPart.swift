// SPDX-License-Identifier: Apache-2.0

/// One of the networks that a run trains.
public enum RunPart: Hashable, Sendable, CustomStringConvertible {
    /// The stages before the judged corpus, from which all others go on.
    case shared
    /// The network that is tested on one fold.
    case fold(Int)
    /// The network that is tested on a corpus that its read-out never met.
    case without(String)
    /// The network that is shipped.
    case release

    /// The name of its folder.
    public var description: String {
        switch self {
        case .shared: "shared"
        case .fold(let fold): "fold-\(fold)"
        case .without(let corpus): "without-\(corpus)"
        case .release: "release"
        }
    }
}
