// SPDX-License-Identifier: Apache-2.0

/// How many requests a connection may still make: a bucket that fills at a steady rate. Pure.
package struct RequestBudget: Sendable {
    private let perSecond: Double
    private var left: Double
    private var filled: Int64

    /// A full bucket, good for one second's worth of requests at once.
    package init(perSecond: Int, at now: Int64) {
        self.perSecond = Double(perSecond)
        left = Double(perSecond)
        filled = now
    }

    /// Takes one request out at `now` (nanoseconds), even if that leaves the bucket in debt.
    ///
    /// - Returns: how long to hear nothing more from this connection, in nanoseconds; 0 while there is enough.
    package mutating func spend(at now: Int64) -> Int64 {
        left = min(perSecond, left + Double(now - filled) / 1e9 * perSecond) - 1
        filled = now
        return left >= 0 ? 0 : Int64((-left / perSecond * 1e9).rounded(.up))
    }
}
