// SPDX-License-Identifier: Apache-2.0

/// Speed of the landmarks from frame to frame, for any segment of a clip.
///
/// Each frame is aligned to the clip's mean shape, which removes position, distance and rotation of the head;
/// then a = mean over landmarks |p(t) − p(t − 1)| / Δt. With landmarks in space all rotations are removed, with landmarks
/// in the picture only tilts: the rest of nodding and shaking counts as movement. Only the speeds are stored: an hour of
/// video takes 2 MB, its landmarks would take 200.
struct LandmarkMovement: FaceMovement {
    /// One step between two consecutive frames; speeds in inter-ocular distances per second.
    private struct Step {
        let whole: Float
        let upper: Float
    }

    /// Time of each frame. The step to frame `i + 1` is `steps[i]`.
    private let seconds: [Float]
    private let steps: [Step?]

    init?(_ series: FaceSeries) {
        guard let mean = FaceLandmarks.meanShape(of: series.frames.compactMap(\.landmarks)) else {
            return nil
        }
        let aligned = series.frames.map { $0.landmarks?.aligned(to: mean) }
        seconds = series.frames.map { Float($0.seconds) }
        steps = zip(series.frames.indices, series.frames.indices.dropFirst()).map { first, second in
            let duration = series.frames[second].seconds - series.frames[first].seconds
            // Over a gap the mean speed would be too small, since the movement in between is unknown.
            guard let from = aligned[first], let to = aligned[second], duration < 1.5 * series.frameSeconds
            else { return nil }
            return Step(
                whole: Float(to.meanShift(from: from, over: 0..<FaceLandmarks.count) / duration),
                upper: Float(to.meanShift(from: from, over: FaceLandmarks.upperFace) / duration)
            )
        }
    }

    func activity(of region: ClipFace.Region, from start: Double, to end: Double) -> Double? {
        let inside = seconds.dropFirst().indices.filter {
            Double(seconds[$0]) >= start && Double(seconds[$0]) < end
        }
        let usable = inside.compactMap { steps[$0 - 1] }
        guard !usable.isEmpty, 2 * usable.count >= inside.count else { return nil }
        let sum = usable.reduce(0) { $0 + Double(region == .wholeFace ? $1.whole : $1.upper) }
        let mean = sum / Double(usable.count)
        return mean.isFinite ? mean : nil
    }
}

/// Spread of action units in any segment of a clip, for trackers without landmarks.
struct UnitMovement: FaceMovement {
    private let units: [ActionUnit]
    private let seconds: [Float]
    private let intensity: [[Float]?]

    init(_ series: FaceSeries) {
        units = series.intensityUnits
        seconds = series.frames.map { Float($0.seconds) }
        intensity = series.frames.map { $0.intensity?.map { Float($0) } }
    }

    func activity(of region: ClipFace.Region, from start: Double, to end: Double) -> Double? {
        let inside = seconds.indices.filter { Double(seconds[$0]) >= start && Double(seconds[$0]) < end }
        let usable = inside.compactMap { intensity[$0] }
        let columns = units.indices.filter { region == .wholeFace || units[$0].isUpperFace }
        guard !usable.isEmpty, 2 * usable.count >= inside.count, !columns.isEmpty else { return nil }
        let spreads = columns.map { column in standardDeviation(usable.map { Double($0[column]) }) }
        return spreads.reduce(0, +) / Double(spreads.count)
    }
}

private func standardDeviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
}

extension ClipFace {
    /// Creates the face from a series; landmarks take precedence over action units.
    public init(_ series: FaceSeries) {
        let means = series.means()
        if let landmarks = LandmarkMovement(series) {
            self.init(
                source: .landmarkMovement,
                unitIntensity: means.intensity,
                unitPresence: means.presence,
                movement: landmarks
            )
        } else {
            self.init(
                source: .unitSpread,
                unitIntensity: means.intensity,
                unitPresence: means.presence,
                movement: UnitMovement(series)
            )
        }
    }
}
