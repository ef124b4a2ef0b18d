// SPDX-License-Identifier: Apache-2.0

/// Purpose for which a folder of results is opened, and what may be removed from it.
public struct RunOpening {
    /// Use of a run by a command.
    public enum Purpose: Sendable {
        /// It adds results. The data must be those that the run was begun with.
        case training
        /// It tests what is trained. Corpora that are not at hand are not compared.
        case testing
        /// It reads what is trained, and not the data. It neither begins a run nor locks one.
        case reading
    }

    /// Use by the command.
    public var purpose: Purpose
    /// True to remove results of another recipe or of other data; else they stop the command.
    public var isOverwriting: Bool
    /// Gets a sentence before something is removed, and where something cannot be compared.
    public var notice: (String) -> Void

    /// Each parameter as its property says.
    public init(
        _ purpose: Purpose = .training,
        isOverwriting: Bool = false,
        notice: @escaping (String) -> Void = { _ in }
    ) {
        (self.purpose, self.isOverwriting, self.notice) = (purpose, isOverwriting, notice)
    }
}
