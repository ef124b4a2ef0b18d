// SPDX-License-Identifier: Apache-2.0

/// Exit status of a program; the same in all three programs, because scripts rely on it.
///
/// Not called `ExitCode`, since swift-argument-parser has a type of that name.
public enum ExitStatus: Int32, Sendable, CaseIterable {
    /// All went well.
    case success = 0
    /// A failure without a number of its own.
    case other = 1
    /// The command line was wrong.
    case usage = 2
    /// No daemon answers at the socket.
    case daemonUnreachable = 3
    /// No capture device, or it failed or refused the format.
    case captureDevice = 4
    /// The model is missing, damaged or of another kind.
    case model = 5
    /// The daemon refused the request.
    case refused = 6
    /// The daemon uses another major version of the protocol.
    case protocolMismatch = 7
    /// The system denies access.
    case permission = 8
    /// An input file cannot be read or holds no audio.
    case inputFile = 9
    /// The configuration is wrong.
    case configuration = 10
    /// Another instance of the daemon is running.
    case anotherInstance = 11
    /// `undertone wait` saw no match in time.
    case timedOut = 124
    /// The user pressed Ctrl-C.
    case interrupted = 130

    /// All statuses on one line, for the help of a program.
    public static let help =
        "Exit status: "
        + allCases.filter { $0 != .other }.map { "\($0.rawValue) \($0.meaning)" }.joined(separator: ", ")
        + ", \(other.rawValue) \(other.meaning)."

    private var meaning: String {
        switch self {
        case .success: "ok"
        case .other: "anything else"
        case .usage: "usage"
        case .daemonUnreachable: "no daemon"
        case .captureDevice: "no or failed capture device"
        case .model: "model"
        case .refused: "refused by the daemon"
        case .protocolMismatch: "protocol mismatch"
        case .permission: "permission"
        case .inputFile: "input file or folder unreadable or without audio"
        case .configuration: "configuration"
        case .anotherInstance: "another instance runs"
        case .timedOut: "\"undertone wait\" saw no match in time"
        case .interrupted: "interrupted"
        }
    }
}

/// A reason to end the program: one sentence for people and a number for scripts.
public struct ProgramFailure: Error, CustomStringConvertible, Equatable {
    /// The exit status.
    public let status: ExitStatus
    /// The problem, its place and its remedy; one sentence.
    public let description: String

    /// A failure that ends the program with `status` after printing `sentence` on stderr.
    public init(_ status: ExitStatus, _ sentence: String) {
        self.status = status
        self.description = sentence
    }
}
