// SPDX-License-Identifier: Apache-2.0

/// A recording in memory, mixed to one channel, at the file's own sample rate.
///
/// For training and tests. A live program reads piece by piece with ``AudioFileReader`` instead.
public struct AudioClip: Sendable {
    /// Samples of one channel, full scale -1...1.
    public let samples: [Float]
    /// Samples per second.
    public let sampleRate: Int
    /// True if the file ended before the length in its header.
    public let isTruncated: Bool

    /// Reads a whole file and averages its channels.
    ///
    /// Memory grows with the samples that are decoded, not with the length in the header.
    public init(path: String) throws(AudioFileError) {
        let reader = try AudioFileReader(path: path)
        let channelCount = reader.channelCount
        var block = [Float](repeating: 0, count: 8_192 * channelCount)
        var samples: [Float] = []
        while true {
            var span = block.mutableSpan
            let frameCount = try reader.read(into: &span)
            if frameCount == 0 { break }
            for frame in 0..<frameCount {
                let channels = block[frame * channelCount..<(frame + 1) * channelCount]
                samples.append(channels.reduce(0, +) / Float(channelCount))
            }
        }
        self.samples = samples
        sampleRate = reader.sampleRate
        isTruncated = reader.isTruncated
    }
}
