// SPDX-License-Identifier: Apache-2.0

/// A face over time: one line for each video frame, as OpenFace writes it.
///
/// Needed are the columns `timestamp` (seconds), `confidence` (0...1) and `success` (0 or 1), and either the landmarks
/// `x_0` ... `x_67`, `y_0` ... `y_67`, or better those in space, `X_0` ... `Z_67`, or intensities of action units, `AU01_r` and so on (0...5); `AU01_c` (presence) may
/// be there. Columns are found by name, blanks around a name or a value are dropped, and other columns are left aside.
///
/// A frame is usable if the tracker succeeded with a confidence of at least 0.8; the values of other frames are not
/// read, since trackers write zeros, old values or "nan" there.
///
/// Reference: Baltrusaitis et al. 2018, "OpenFace 2.0: Facial Behavior Analysis Toolkit", and its wiki's output format.
public struct FaceSeries: Sendable {
    /// What the tracker says of one video frame; `nil` fields are those of a frame that is not usable.
    struct Frame: Sendable {
        let seconds: Double
        let landmarks: FaceLandmarks?
        let intensity: [Double]?
        let presence: [Double]?

        var isUsable: Bool { landmarks != nil || intensity != nil }
    }

    /// Frames with less confidence are left out.
    static let leastConfidence = 0.8

    /// The file, as errors name it.
    public let file: String
    /// The units whose intensity each frame gives.
    package let intensityUnits: [ActionUnit]
    /// The units whose presence each frame gives.
    let presenceUnits: [ActionUnit]
    /// Every frame, usable or not, in the order of time.
    let frames: [Frame]

    /// How many frames the file has.
    public var frameCount: Int { frames.count }
    /// How many of them are usable.
    public var usableFrameCount: Int { frames.count { $0.isUsable } }
    /// The usual time from one frame to the next.
    public let frameSeconds: Double
    /// The time of the last frame's end: what the clip should last.
    public var endSeconds: Double { (frames.last?.seconds ?? 0) + frameSeconds }

    init(file: String, intensityUnits: [ActionUnit], presenceUnits: [ActionUnit], frames: [Frame]) {
        (self.file, self.intensityUnits, self.presenceUnits) = (file, intensityUnits, presenceUnits)
        self.frames = frames
        let steps = zip(frames.dropFirst(), frames).map { $0.seconds - $1.seconds }
        frameSeconds = quantiles([0.5], of: steps).first ?? 0
    }

    /// The intensity of each of ``intensityUnits`` in video frame `index`; `nil` where the frame is not usable.
    package func intensity(ofFrame index: Int) -> [Double]? { frames[index].intensity }

    /// Means over the usable frames, by unit; empty where fewer than half of the frames are usable.
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
