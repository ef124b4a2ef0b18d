// SPDX-License-Identifier: Apache-2.0

/// A movement of the face, numbered by the Facial Action Coding System.
///
/// Contains the units that trackers write; the raw value is the unit's number.
///
/// Reference: Ekman, Friesen & Hager 2002, "Facial Action Coding System: The Manual".
public enum ActionUnit: Int, CaseIterable, Sendable, Hashable, Comparable {
    case innerBrowRaiser = 1
    case outerBrowRaiser = 2
    case browLowerer = 4
    case upperLidRaiser = 5
    case cheekRaiser = 6
    case lidTightener = 7
    case noseWrinkler = 9
    case upperLipRaiser = 10
    case nasolabialDeepener = 11
    case lipCornerPuller = 12
    case dimpler = 14
    case lipCornerDepressor = 15
    case lowerLipDepressor = 16
    case chinRaiser = 17
    case lipPuckerer = 18
    case lipStretcher = 20
    case lipFunneler = 22
    case lipTightener = 23
    case lipPressor = 24
    case lipsPart = 25
    case jawDrop = 26
    case mouthStretch = 27
    case lipSuck = 28
    case eyesClosed = 43
    case blink = 45

    /// True if the unit moves brows, lids, cheeks or nose, and so does not follow articulation.
    public var isUpperFace: Bool { rawValue <= 9 || rawValue >= 43 }

    /// Name in tables: "AU01".
    public var name: String { rawValue < 10 ? "AU0\(rawValue)" : "AU\(rawValue)" }

    /// Compares the numbers.
    public static func < (first: Self, second: Self) -> Bool { first.rawValue < second.rawValue }
}

/// A column of a face table that describes a unit.
enum UnitColumn: Hashable {
    /// `AU01_r`, `AU01_mean`: intensity on the tracker's scale, within 0...5.
    case intensity(ActionUnit)
    /// `AU01_c`: present or not; in a clip-level table the share of frames in which it is present.
    case presence(ActionUnit)
    /// `AU01_std`: the standard deviation of the intensity over the clip.
    case spread(ActionUnit)

    /// Parses the name of a column; nil if it is not a known column of an action unit.
    init?(_ name: some StringProtocol) {
        let parts = name.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].hasPrefix("AU"), let number = Int(parts[0].dropFirst(2)),
            let unit = ActionUnit(rawValue: number)
        else { return nil }
        switch parts[1] {
        case "r", "mean": self = .intensity(unit)
        case "c": self = .presence(unit)
        case "std": self = .spread(unit)
        default: return nil
        }
    }

    /// Range of valid values.
    var range: ClosedRange<Double> {
        if case .presence = self { 0...1 } else { 0...5 }
    }
}
