// SPDX-License-Identifier: Apache-2.0

/// Data about the face in one clip.
public struct ClipFace: Sendable {
    /// Data that `activity` is computed from; a run's report counts the clips of each.
    ///
    /// Values of different sources have different scales and must not share a threshold.
    public enum Source: String, Sendable, Codable, CaseIterable {
        /// Mean speed of landmarks, without head pose and scale; inter-ocular distances per second.
        case landmarkMovement
        /// Standard deviation over time of the units' intensity, mean over units.
        case unitSpread
        /// Standard deviation over time of the units' presence, mean over units: √(p(1 − p)) for a unit
        /// that is present in a share p of the frames.
        case presenceSpread
        /// Mean intensity of the units: the amount of expression, not of movement. The last resort.
        case unitMean
    }

    /// Part of the face.
    public enum Region: Sendable, Hashable, CaseIterable {
        case wholeFace
        /// Brows, eyes and nose: not moved by speech.
        case upperFace
    }

    /// Source of the activity.
    public let source: Source
    /// Mean intensity of each unit over the usable frames, on the tracker's scale (OpenFace: 0...5).
    public let unitIntensity: [ActionUnit: Double]
    /// Share of usable frames in which each unit is present, 0...1; empty if the tracker does not report it.
    public let unitPresence: [ActionUnit: Double]
    private let movement: any FaceMovement

    init(
        source: Source,
        unitIntensity: [ActionUnit: Double],
        unitPresence: [ActionUnit: Double],
        movement: some FaceMovement
    ) {
        (self.source, self.unitIntensity, self.unitPresence) = (source, unitIntensity, unitPresence)
        self.movement = movement
    }

    /// This face with the action units of `other`, unless it has its own.
    func takingUnits(from other: ClipFace) -> ClipFace {
        guard unitIntensity.isEmpty, unitPresence.isEmpty else { return self }
        return ClipFace(
            source: source,
            unitIntensity: other.unitIntensity,
            unitPresence: other.unitPresence,
            movement: movement
        )
    }

    /// Amount of movement between two times in the clip, in seconds; the scale is that of ``source``.
    ///
    /// - Returns: nil if fewer than half of the frames are usable or there are no data for the region. A clip-level
    ///   table has the same value for all ranges.
    public func activity(
        of region: Region = .wholeFace,
        from start: Double = 0,
        to end: Double = .infinity
    ) -> Double? {
        movement.activity(of: region, from: start, to: end)
    }
}

/// Movement in a segment of a clip.
protocol FaceMovement: Sendable {
    func activity(of region: ClipFace.Region, from start: Double, to end: Double) -> Double?
}
