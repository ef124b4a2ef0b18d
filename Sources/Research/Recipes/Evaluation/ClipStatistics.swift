// SPDX-License-Identifier: Apache-2.0

/// One row of numbers for a whole clip: the mean and the standard deviation of each log-mel band over all its frames.
///
/// Input of the simple baseline. It takes the same frames as the network, silence included, so the two figures differ
/// by the model alone.
enum ClipStatistics {
    /// - Parameters:
    ///   - features: row-major [frames, featureCount], the bands first.
    ///   - featureCount: the length of a row.
    ///   - bandCount: the columns that count.
    /// - Returns: means, then deviations; zeros for a clip without frames.
    static func row(of features: [Float], featureCount: Int, bandCount: Int) -> [Double] {
        var sums = Array(repeating: 0.0, count: bandCount)
        var squares = sums
        let frameCount = features.count / featureCount
        for start in stride(from: 0, to: frameCount * featureCount, by: featureCount) {
            for band in 0..<bandCount {
                let value = Double(features[start + band])
                sums[band] += value
                squares[band] += value * value
            }
        }
        let scale = 1 / Double(max(1, frameCount))
        let means = sums.map { $0 * scale }
        let deviations = (0..<bandCount).map {
            max(0, squares[$0] * scale - means[$0] * means[$0]).squareRoot()
        }
        return means + deviations
    }
}
