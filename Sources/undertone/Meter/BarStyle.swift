// SPDX-License-Identifier: Apache-2.0

/// Draws bars and scales, with eighths of a block where the terminal shows them.
enum BarStyle: Sendable {
    case blocks, plain

    private static let eighths: [Character] = [" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"]

    /// Adds a bar for `share` (0...1) over `columns`, with a mark at another share.
    func add(_ share: Double, mark: Double?, columns: Int, _ style: TextStyle, to line: inout Line) {
        guard columns > 0 else { return }
        let filled = min(1, max(0, share)) * Double(columns)
        let markColumn = mark.flatMap { $0 > 0 ? min(columns - 1, Int($0 * Double(columns))) : nil }
        for column in 0..<columns {
            if column == markColumn {
                line.add(self == .blocks ? "│" : "|", style)
            } else {
                line.add(String(filler(filled - Double(column))), style)
            }
        }
    }

    /// Adds a scale from -1 to 1 with marks at its middle and, if there is one, at the value.
    func addScale(_ value: Double?, columns: Int, to line: inout Line) {
        guard columns > 0 else { return }
        let middle = columns / 2
        let place = value.map { Int(((min(1, max(-1, $0)) + 1) / 2 * Double(columns - 1)).rounded()) }
        for column in 0..<columns {
            if column == place {
                line.add(self == .blocks ? "█" : "#", .bold)
            } else {
                let track = self == .blocks ? ("─", "┼") : ("-", "+")
                line.add(column == middle ? track.1 : track.0, .dim)
            }
        }
    }

    /// The character for the rest of a bar from its column on: 1 and more is full, 0 and less is empty.
    private func filler(_ rest: Double) -> Character {
        switch self {
        case .plain: rest >= 0.5 ? "#" : " "
        case .blocks: Self.eighths[Int((min(1, max(0, rest)) * 8).rounded())]
        }
    }
}
