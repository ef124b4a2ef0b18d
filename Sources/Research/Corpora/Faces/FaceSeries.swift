// SPDX-License-Identifier: Apache-2.0

/// A face over time: one line for each video frame, as OpenFace writes it.
///
/// Required are the columns `timestamp` (seconds), `confidence` (0...1) and `success` (0 or 1), and one of: the landmarks
/// in space, `X_0` ... `Z_67`; those in the picture, `x_0` ... `x_67`, `y_0` ... `y_67`, less accurate; or intensities
/// of action units, `AU01_r` and so on (0...5). `AU01_c` (presence) is optional. Columns are found by name, blanks around a
/// name or a value are removed, and other columns are ignored.
///
/// A frame is usable if the tracker succeeded with a confidence of at least 0.8; the values of other frames are not
/// read, since trackers write zeros, old values or "nan" in them.
///
/// Reference: Baltrusaitis et al. 2018, "OpenFace 2.0: Facial Behavior Analysis Toolkit", and its wiki's output format.
public struct FaceSeries: Sendable {
    /// Data of one video frame; all optional fields are nil if the frame is not usable.
    struct Frame: Sendable {
        let seconds: Double
        let landmarks: FaceLandmarks?
        let intensity: [Double]?
        let presence: [Double]?

        var isUsable: Bool { landmarks != nil || intensity != nil }
    }

    /// Frames with less confidence are not usable.
    static let leastConfidence = 0.8

    /// Name of the file in errors.
    public let file: String
    /// Units whose intensity is in each frame.
    package let intensityUnits: [ActionUnit]
    /// Units whose presence is in each frame.
    let presenceUnits: [ActionUnit]
    /// All frames, usable or not, in the order of time.
    let frames: [Frame]

    /// Number of frames in the file.
    public var frameCount: Int { frames.count }
    /// Number of usable frames.
    public var usableFrameCount: Int { frames.count { $0.isUsable } }
    /// Typical time from one frame to the next.
    public let frameSeconds: Double
    /// End time of the last frame, which should be the length of the clip.
    public var endSeconds: Double { (frames.last?.seconds ?? 0) + frameSeconds }

    init(file: String, intensityUnits: [ActionUnit], presenceUnits: [ActionUnit], frames: [Frame]) {
        (self.file, self.intensityUnits, self.presenceUnits) = (file, intensityUnits, presenceUnits)
        self.frames = frames
        let steps = zip(frames.dropFirst(), frames).map { $0.seconds - $1.seconds }
        frameSeconds = quantiles([0.5], of: steps).first ?? 0
    }

    /// The intensity of each of ``intensityUnits`` in video frame `index`; nil if the frame is not usable.
    package func intensity(ofFrame index: Int) -> [Double]? { frames[index].intensity }

    /// Means over the usable frames, by unit; empty if fewer than half of the frames are usable.
    func means() -> UnitStatistics {
        var statistics = UnitStatistics()
        guard 2 * usableFrameCount >= frameCount, usableFrameCount > 0 else { return statistics }
        statistics.intensity = Self.means(frames.compactMap(\.intensity), intensityUnits)
        statistics.presence = Self.means(frames.compactMap(\.presence), presenceUnits)
        return statistics
    }

    private static func means(_ rows: [[Double]], _ units: [ActionUnit]) -> [ActionUnit: Double] {
        var means: [ActionUnit: Double] = [:]
        for (column, unit) in units.enumerated() {
            means[unit] = rows.reduce(0) { $0 + $1[column] } / Double(rows.count)
        }
        return means
    }
}
