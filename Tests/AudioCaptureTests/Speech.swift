// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import AudioFiles
import Foundation
import TestSupport

/// One recorded sentence, in the format that a test needs.
struct Speech {
    let sampleRate: Int
    let channelCount: Int
    /// Interleaved, full scale -1...1, on the grid of 16 bits; the second channel is half as loud as the first.
    let interleaved: [Float]

    var seconds: Double { Double(interleaved.count / channelCount) / Double(sampleRate) }

    init(sampleRate: Int, channelCount: Int) throws {
        let clip = try AudioClip(path: Fixtures.speech[0].path)
        // By linear interpolation, because any fixed signal at this rate is enough.
        let count = Int(Double(clip.samples.count) * Double(sampleRate) / Double(clip.sampleRate)) - 1
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        interleaved = (0..<count).flatMap { i -> [Float] in
            let place = Double(i) * Double(clip.sampleRate) / Double(sampleRate)
            let left = clip.samples[Int(place)]
            let right = clip.samples[min(Int(place) + 1, clip.samples.count - 1)]
            let sample = left + (right - left) * Float(place - place.rounded(.down))
            return (0..<channelCount).map { ((sample / Float($0 + 1)) * 32_768).rounded() / 32_768 }
        }
    }

    /// The speech as a WAV file, read back through the file source.
    func throughFile() throws -> [Float] {
        try withSoundFolder { folder in
            let path = try SoundFile(samples: interleaved, sampleRate: sampleRate, channelCount: channelCount)
                .write(to: folder)
            return try readToEnd(try SampleReader(FileCapture(path: path)))
        }
    }

    /// The speech as raw PCM, written into a pipe by another thread.
    func throughPipe(_ encoding: SoundEncoding = .s16) throws -> [Float] {
        let pipe = Pipe()
        let bytes = Data(encoding.bytes(of: interleaved))
        Thread.detachNewThread { [writer = pipe.fileHandleForWriting] in
            try? writer.write(contentsOf: bytes)
            try? writer.close()
        }
        let format = try CaptureFormat(
            sampleRate: sampleRate,
            channelCount: channelCount,
            sampleFormat: SampleFormat(rawValue: encoding.rawValue) ?? .s16
        )
        let descriptor = pipe.fileHandleForReading.fileDescriptor
        return try withExtendedLifetime(pipe) {
            try readToEnd(try SampleReader(StandardInputCapture(format: format, descriptor: descriptor)))
        }
    }
}

/// All samples of the reader, read in blocks of an odd size.
func readToEnd(_ reader: SampleReader) throws -> [Float] {
    var samples: [Float] = []
    var block = [Float](repeating: 0, count: 1_001)
    while true {
        var span = block.mutableSpan
        let count = try reader.read(into: &span)
        if count == 0 { return samples }
        samples += block[..<count]
    }
}

/// Position of a known signal in a recording, and their similarity there.
struct Alignment: CustomStringConvertible {
    private(set) var lagSamples = 0
    /// Normalised cross-correlation at the best lag.
    private(set) var correlation = 0.0
    /// Level of the recording there, relative to the level of the signal.
    private(set) var gain = 0.0

    var isTheSame: Bool { correlation >= 0.999 && abs(gain - 1) <= 0.01 }
    var description: String { "lag \(lagSamples), correlation \(correlation), gain \(gain)" }

    /// Finds the best position of the loudest fifth of a second, then compares the whole signal.
    init(of recording: [Float], to signal: [Float]) {
        guard recording.count >= signal.count, signal.count > 8_000 else { return }
        let loudest =
            stride(from: 0, to: signal.count - 3_200, by: 800)
            .max { energy(signal[$0..<$0 + 3_200]) < energy(signal[$1..<$1 + 3_200]) } ?? 0
        let probe = Array(signal[loudest..<loudest + 3_200])
        var best = -Double.infinity
        for lag in 0...recording.count - signal.count {
            let start = lag + loudest
            let product = recording.withUnsafeBufferPointer { recording in
                probe.withUnsafeBufferPointer { probe in
                    var sum: Float = 0
                    for i in 0..<3_200 { sum += recording[start + i] * probe[i] }
                    return Double(sum)
                }
            }
            if product > best { (best, lagSamples) = (product, lag) }
        }
        let there = recording[lagSamples..<lagSamples + signal.count]
        let (heard, played) = (energy(there), energy(signal[...]))
        let product = zip(there, signal).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        correlation = product / (heard * played).squareRoot()
        gain = (heard / played).squareRoot()
    }
}

private func energy(_ samples: ArraySlice<Float>) -> Double {
    samples.reduce(0) { $0 + Double($1) * Double($1) }
}
