// SPDX-License-Identifier: Apache-2.0
import Foundation
import SpeechFeatures

/// CPU time of one 10 ms hop: Kaldi's log-mel alone, and the whole feature frame.
///
///     bench-features SPEECH.wav...        16 kHz, mono, 16 bit, headers of 44 bytes
///
/// Prints one JSON line for each kind, like the peers.
@main struct BenchFeatures {
    static let hopSamples = FeatureSet.standard.spectrum.hopSamples

    static func main() throws {
        let speech = try CommandLine.arguments.dropFirst().flatMap(samples(ofWAV:))
        guard speech.count > 16_000 else { return print("bench-features needs a second of speech or more") }
        let hopCount = speech.count / hopSamples

        var logMel = LogMelStream()
        var checksum: Float = 0
        var hop = 0
        report("log-mel") {
            let start = hop % hopCount * hopSamples
            logMel.step(speech[start..<start + hopSamples])
            checksum += logMel.spectrum.logMel[10]
            hop += 1
        }
        var features = try OnlineFeatures()
        report("log-mel, prosody, level") {
            let start = hop % hopCount * hopSamples
            features.step(speech.span.extracting(start..<start + hopSamples)) { checksum += $0[10] }
            hop += 1
        }
        precondition(checksum.isFinite)
    }

    private static func report(_ kind: String, _ step: () -> Void) {
        let (tight, paced) = (tightMicroseconds(step), pacedMicroseconds(step))
        print(#"{"engine":"undertone","features":"\#(kind)","tight":\#(tight),"paced":\#(paced)}"#)
    }

    private static func samples(ofWAV path: String) throws -> [Float] {
        try Data(contentsOf: URL(filePath: path)).dropFirst(44).withUnsafeBytes { raw in
            (0..<raw.count / 2).map {
                Float(Int16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * $0, as: Int16.self))) / 32_768
            }
        }
    }
}

/// A minimal stream around the log-mel spectrum: a sliding window.
struct LogMelStream {
    private(set) var spectrum = LogMelSpectrum(FeatureSet.standard.spectrum)
    private var window = [Float](repeating: 0, count: FeatureSet.standard.spectrum.windowSamples)

    mutating func step(_ hop: ArraySlice<Float>) {
        window.withUnsafeMutableBufferPointer { window in
            let kept = window.count - hop.count
            for i in 0..<kept { window[i] = window[i + hop.count] }
            for i in 0..<hop.count { window[kept + i] = hop[hop.startIndex + i] }
        }
        spectrum.step(window, from: 0)
    }
}
