// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// The processes that share one training, and what they tell each other.
///
/// Every call but ``finish()`` is collective: it returns when all processes have made it, so all must make the same
/// calls in the same order. Calls may come from any thread, one at a time. A process that ends with an error takes the
/// group down: mpirun stops the others.
public struct ProcessGroup: Sendable {
    /// Which of the processes this one is, 0 up to `count`.
    public let rank: Int
    /// How many processes there are.
    public let count: Int

    /// One process by itself: nothing to wait for, nothing to add.
    public static let alone = ProcessGroup(rank: 0, count: 1)

    package init(rank: Int, count: Int) { (self.rank, self.count) = (rank, count) }

    /// Whether this is the process that writes files and shows progress.
    public var isFirst: Bool { rank == 0 }

    /// The processes that mpirun started, or this one alone if it was started by itself.
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
    /// - Throws: ``MessagePassingError/notShared`` if mpirun started several, which would all do the same.
    public static func single(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(MessagePassingError) -> ProcessGroup {
        if isShared(environment) { throw .notShared }
        return .alone
    }

    /// Open MPI's mpirun says how many it starts, and so do most others; a launcher of PMIx only says which one this is.
    private static func isShared(_ environment: [String: String]) -> Bool {
        if let count = environment["OMPI_COMM_WORLD_SIZE"] ?? environment["PMI_SIZE"] { return count != "1" }
        return environment["PMIX_RANK"] != nil
    }

    /// The rows of a batch that are this process's: all processes' together are all rows, in order, and no process has
    /// more than one more than another.
    public func share(of rows: Int) -> Range<Int> { rows * rank / count..<rows * (rank + 1) / count }

    /// What the first process says, for a decision that all must make alike.
    public func agreed(_ opinion: Bool) throws(MessagePassingError) -> Bool {
        var opinion: UInt8 = opinion ? 1 : 0
        try broadcast(&opinion)
        return opinion == 1
    }
}

#if !MPI
    extension ProcessGroup {
        /// Makes each number the sum of all processes' numbers; all processes get the same bits.
        public func sum(_ numbers: UnsafeMutableBufferPointer<Float>) throws(MessagePassingError) {}

        /// Waits until all processes have come here.
        public func wait() throws(MessagePassingError) {}

        /// Leaves the group; the last call.
        public func finish() throws(MessagePassingError) {}

        private func broadcast(_ byte: inout UInt8) throws(MessagePassingError) {}
    }
#endif
