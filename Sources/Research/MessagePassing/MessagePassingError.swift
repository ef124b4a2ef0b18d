// SPDX-License-Identifier: Apache-2.0

/// Errors of a group of processes.
public enum MessagePassingError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Several processes were started, but this program was built without MPI.
    case notBuilt
    /// Several processes were started for a command that needs one.
    case notShared
    /// A call of the MPI library failed.
    case failed(call: String, reason: String)

    /// One sentence for users.
    public var description: String {
        switch self {
        case .notBuilt:
            "mpirun started several processes, but this program was built without MPI and each would do the same "
                + "work; build it with: swift build -c release --traits MPI"
        case .notShared:
            "mpirun started several processes, but this command is the work of one; start it without mpirun"
        case .failed(let call, let reason): "\(call) failed: \(reason)"
        }
    }
}
