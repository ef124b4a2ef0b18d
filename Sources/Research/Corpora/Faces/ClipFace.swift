// SPDX-License-Identifier: Apache-2.0

/// What is known of the face in one clip.
public struct ClipFace: Sendable {
    /// What `activity` is made from; a run's report counts the clips of each.
    ///
    /// Values of different sources have different scales and must not share a threshold.
    public enum Source: String, Sendable, Codable, CaseIterable {
        /// Mean speed of landmarks, head pose and scale removed; inter-ocular distances per second.
        case landmarkMovement
        /// Standard deviation over time of the units' intensity, mean over units.
        case unitSpread
        /// Standard deviation over time of the units' presence, mean over units: √(p(1 − p)) for a unit that is
        /// present in a share p of the frames.
        case presenceSpread
        /// Mean intensity of the units: how much a face shows, not how much it moves. The last resort.
        case unitMean
    }

    /// Which part of the face is watched.
    public enum Region: Sendable, Hashable, CaseIterable {
        case wholeFace
        /// Brows, eyes and nose: what speech alone does not move.
        case upperFace
    }

    /// Where the activity comes from.
    public let source: Source
    /// Mean intensity of each unit over the usable frames, on the tracker's scale (OpenFace: 0...5).
    public let unitIntensity: [ActionUnit: Double]
    /// The share of usable frames in which each unit is present, 0...1; empty where the tracker does not say.
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

    /// This face with the action units of `other`, unless it has some itself.
    func takingUnits(from other: ClipFace) -> ClipFace {
        guard unitIntensity.isEmpty, unitPresence.isEmpty else { return self }
        return ClipFace(
            source: source,
            unitIntensity: other.unitIntensity,
            unitPresence: other.unitPresence,
            movement: movement
        )
    }

    /// How much the face moves between two moments of the clip, in seconds; the scale is that of ``source``.
    ///
    /// - Returns: `nil` where fewer than half of the frames are usable or the region is not described. A clip-level
    ///   table gives the same value for any range.
    public func activity(
        of region: Region = .wholeFace,
        from start: Double = 0,
        to end: Double = .infinity
    ) -> Double? {
        movement.activity(of: region, from: start, to: end)
    }
}

/// Movement over a stretch of a clip.
protocol FaceMovement: Sendable {
    func activity(of region: ClipFace.Region, from start: Double, to end: Double) -> Double?
}
