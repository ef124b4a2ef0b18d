// SPDX-License-Identifier: Apache-2.0

/// Rate limit for the requests of a connection: a token bucket. Pure.
package struct RequestBudget: Sendable {
    private let perSecond: Double
    private var left: Double
    private var filled: Int64

    /// A full bucket, enough for one second's worth of requests at once.
    package init(perSecond: Int, at now: Int64) {
        self.perSecond = Double(perSecond)
        left = Double(perSecond)
        filled = now
    }

    /// Spends one request at `now` (nanoseconds), even if that leaves the bucket in debt.
    ///
    /// - Returns: how long to stop reading from this connection, in nanoseconds; 0 within the budget.
    package mutating func spend(at now: Int64) -> Int64 {
        left = min(perSecond, left + Double(now - filled) / 1e9 * perSecond) - 1
        filled = now
        return left >= 0 ? 0 : Int64((-left / perSecond * 1e9).rounded(.up))
    }
}
