// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes

/// A clip at the frame rate of a video: the features and the action units of each video frame.
struct FaceSequence: Sendable {
    let clip: Clip
    /// Row-major `[frames, features]`: the mean of the hops that fall into each video frame.
    var features: [Float]
    /// Row-major `[frames, units]`; zeros if the tracker failed.
    var movement: [Float]
    /// 1 for each frame whose face is known.
    let isKnown: [Float]

    var frameCount: Int { isKnown.count }
}

/// The clips of a corpus whose manifest names a series of action units for each.
struct FaceSequences: Sendable {
    let units: [ActionUnit]
    let sequences: [FaceSequence]
    let width: Int

    /// - Parameters:
    ///   - framesPerSecond: frame rate to which all series are resampled; at most `hopsPerSecond`.
    ///   - hopsPerSecond: hop rate of the features.
    /// - Throws: an error that names a series file that cannot be used or has other units than the first.
    init(
        _ manifest: Manifest,
        _ set: ClipSet,
        framesPerSecond: Double,
        hopsPerSecond: Double
    ) throws {
        width = set.tables[0].featureCount
        let folder = URL(filePath: manifest.file).deletingLastPathComponent()
        var (units, sequences): ([ActionUnit], [FaceSequence]) = ([], [])
        for (index, clip) in set.clips.enumerated() {
            guard let name = clip.faceFile else { continue }
            let series = try FaceSeries(file: folder.appending(path: name))
            if units.isEmpty { units = series.intensityUnits }
            guard series.intensityUnits == units, !units.isEmpty else {
                throw RecipeError.data(
                    problem: "\(name): its action units are not those of the corpus's first face series"
                )
            }
            let hops = set.frames(ofClip: index, copy: 0).features
            let pace = (frames: framesPerSecond, hops: hopsPerSecond)
            let sequence = Self.sequence(clip, series, hops: hops, width: width, pace: pace)
            guard sequence.frameCount > 0 else {
                throw RecipeError.data(problem: "\(name): it is shorter than one frame of the study")
            }
            sequences.append(sequence)
        }
        guard !sequences.isEmpty else {
            throw RecipeError.data(problem: "\(manifest.file): the study needs clips with a face_csv")
        }
        (self.units, self.sequences) = (units, sequences)
    }

    /// Resamples the series: takes the frame nearest to the middle of each new frame.
    private static func sequence(
        _ clip: Clip,
        _ series: FaceSeries,
        hops: [Float],
        width: Int,
        pace: (frames: Double, hops: Double)
    ) -> FaceSequence {
        let hopsPerFrame = pace.hops / pace.frames
        // The end of the whole series, since the step between two lines is rounded to their decimals.
        let framesOfSeries = Double(series.frameCount) / (series.endSeconds * pace.frames)
        let count = Int(
            min((series.endSeconds * pace.frames).rounded(), Double(hops.count / width) / hopsPerFrame)
        )
        var (features, movement, isKnown): ([Float], [Float], [Float]) = ([], [], [])
        for frame in 0..<max(0, count) {
            let first = Int(Double(frame) * hopsPerFrame)
            let rows = first..<max(first + 1, Int(Double(frame + 1) * hopsPerFrame))
            for column in 0..<width {
                let sum = rows.reduce(Float(0)) { $0 + hops[$1 * width + column] }
                features.append(sum / Float(rows.count))
            }
            let seen = min(series.frameCount - 1, Int((Double(frame) + 0.5) * framesOfSeries))
            let intensity = series.intensity(ofFrame: seen)
            movement += intensity?.map { Float($0) } ?? series.intensityUnits.map { _ in 0 }
            isKnown.append(intensity == nil ? 0 : 1)
        }
        return FaceSequence(clip: clip, features: features, movement: movement, isKnown: isKnown)
    }
}

/// Scaling of columns to mean 0 and deviation 1, measured on given rows, and back.
struct Standard: Sendable {
    let mean: [Float]
    let deviation: [Float]

    /// Measures row-major `rows`; a nearly constant column is not scaled up.
    init(_ rows: [[Float]], columns: Int) {
        var (sums, squares, count) = (
            [Double](repeating: 0, count: columns), [Double](repeating: 0, count: columns), 0.0
        )
        for values in rows {
            count += Double(values.count / columns)
            for (index, value) in values.enumerated() {
                sums[index % columns] += Double(value)
                squares[index % columns] += Double(value) * Double(value)
            }
        }
        let means = sums.map { $0 / max(1, count) }
        mean = means.map { Float($0) }
        deviation = zip(squares, means).map { square, mean in
            let deviation = max(0, square / max(1, count) - mean * mean).squareRoot()
            return deviation < 1e-3 ? 1 : Float(deviation)
        }
    }

    func applied(to values: [Float], limit: Float = .infinity) -> [Float] {
        values.enumerated().map { index, value in
            let column = index % mean.count
            return max(-limit, min(limit, (value - mean[column]) / deviation[column]))
        }
    }

    func undone(_ values: [Float]) -> [Float] {
        values.enumerated().map { $1 * deviation[$0 % mean.count] + mean[$0 % mean.count] }
    }
}

/// Agreement of predicted columns with true ones.
package struct Nearness: Codable, Sendable {
    /// Pearson's correlation of each column; `nil` if one side is constant.
    package let correlations: [Double?]
    /// Root of the mean square error of each column.
    package let errors: [Double]

    /// Compares row-major `[rows, columns]`, where `isKnown` is 1 for a row that counts.
    package init(_ predicted: [Float], _ truth: [Float], columns: Int, isKnown: [Float]? = nil) {
        let rows = (0..<truth.count / columns).filter { row in isKnown.map { $0[row] > 0 } ?? true }
        (correlations, errors) = (
            (0..<columns).map { column in
                Self.correlation(
                    rows.map { Double(predicted[$0 * columns + column]) },
                    rows.map { Double(truth[$0 * columns + column]) }
                )
            },
            (0..<columns).map { column in
                let squares = rows.map { row in
                    let error = Double(predicted[row * columns + column] - truth[row * columns + column])
                    return error * error
                }
                return mean(squares).squareRoot()
            }
        )
    }

    package var meanCorrelation: Double { mean(correlations.compactMap { $0 }) }
    package var meanError: Double { mean(errors) }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double? {
        let (meanA, meanB) = (mean(a), mean(b))
        var (along, ownA, ownB) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            along += (x - meanA) * (y - meanB)
            ownA += (x - meanA) * (x - meanA)
            ownB += (y - meanB) * (y - meanB)
        }
        return ownA > 1e-12 && ownB > 1e-12 ? along / (ownA * ownB).squareRoot() : nil
    }
}
