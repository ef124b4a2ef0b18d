// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// The processes that share one training, and their communication.
///
/// Every call except ``finish()`` is collective: it returns when all processes have made it, so all must make the same
/// calls in the same order. Calls may come from any thread, one at a time. If a process ends with an error, mpirun stops the
/// others.
public struct ProcessGroup: Sendable {
    /// Number of this process, 0..<`count`.
    public let rank: Int
    /// Number of processes.
    public let count: Int

    /// A single process.
    public static let alone = ProcessGroup(rank: 0, count: 1)

    package init(rank: Int, count: Int) { (self.rank, self.count) = (rank, count) }

    /// True for the process that writes files and shows progress.
    public var isFirst: Bool { rank == 0 }

    /// The processes that mpirun started, or this one alone if it was started without mpirun.
    ///
    /// - Throws: ``MessagePassingError/notBuilt`` if there are several and the program was built without MPI.
    public static func launched(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(MessagePassingError) -> ProcessGroup {
        guard isShared(environment) else { return .alone }
        #if MPI
            return try joined()
        #else
            throw .notBuilt
        #endif
    }

    /// This process alone, for work that is not shared.
    ///
    /// - Throws: ``MessagePassingError/notShared`` if mpirun started several, which would all do the same work.
    public static func single(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(MessagePassingError) -> ProcessGroup {
        if isShared(environment) { throw .notShared }
        return .alone
    }

    /// Open MPI's mpirun sets the number of processes, and so do most others; a PMIx launcher sets only the rank.
    private static func isShared(_ environment: [String: String]) -> Bool {
        if let count = environment["OMPI_COMM_WORLD_SIZE"] ?? environment["PMI_SIZE"] { return count != "1" }
        return environment["PMIX_RANK"] != nil
    }

    /// The rows of a batch for this process: the shares of all processes together are all rows, in order, and their sizes
    /// differ by one at most.
    public func share(of rows: Int) -> Range<Int> { rows * rank / count..<rows * (rank + 1) / count }

    /// The first process's value, for a decision that must be equal in all processes.
    public func agreed(_ opinion: Bool) throws(MessagePassingError) -> Bool {
        var opinion: UInt8 = opinion ? 1 : 0
        try broadcast(&opinion)
        return opinion == 1
    }
}

#if !MPI
    extension ProcessGroup {
        /// Replaces each number by the sum over all processes; all get the same bits.
        public func sum(_ numbers: UnsafeMutableBufferPointer<Float>) throws(MessagePassingError) {}

        /// Waits until all processes have made this call.
        public func wait() throws(MessagePassingError) {}

        /// Leaves the group; the last call.
        public func finish() throws(MessagePassingError) {}

        private func broadcast(_ byte: inout UInt8) throws(MessagePassingError) {}
    }
#endif
