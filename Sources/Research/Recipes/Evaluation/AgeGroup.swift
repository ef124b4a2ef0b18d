// SPDX-License-Identifier: Apache-2.0

/// The groups of age in which figures are given.
enum AgeGroup {
    private static let groups = [0...12, 13...17, 18...29, 30...44, 45...59]

    /// The name of the group that `age`, in years, belongs to; the names sort by age.
    static func name(of age: Int) -> String {
        guard let group = groups.first(where: { $0.contains(age) }) else { return "60 and over" }
        return group.lowerBound < 10
            ? "0\(group.lowerBound)-\(group.upperBound)" : "\(group.lowerBound)-\(group.upperBound)"
    }

    /// The name as reports print it.
    static func title(of name: String) -> String { name.hasPrefix("0") ? String(name.dropFirst()) : name }
}
