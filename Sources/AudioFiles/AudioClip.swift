// SPDX-License-Identifier: Apache-2.0

/// A whole recording in memory, mixed to one channel, at the file's own rate.
///
/// For training and tests; a program that listens reads with ``AudioFileReader`` and keeps nothing.
public struct AudioClip: Sendable {
    /// Samples of one channel, full scale -1...1.
    public let samples: [Float]
    /// Samples per second.
    public let sampleRate: Int
    /// True when the file ended before its header said so.
    public let isTruncated: Bool

    /// Reads a file to its end and takes the mean over its channels.
    ///
    /// Memory grows with what is really in the file, never by what the header claims.
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
