// SPDX-License-Identifier: Apache-2.0
import Foundation
import TestSupport

/// A recording that can be found in arbitrary bytes, as S16 or floats, at any offset.
struct KnownVoice {
    private let samples: [Float]
    private let forms: [Form]

    /// Bytes of the recording in one encoding, with an index of some positions.
    private struct Form {
        let bytes: [UInt8]
        let sampleBytes: Int
        var places: [UInt64: [Int]] = [:]
        /// True if an indexed value has this hash; rejects most positions quickly.
        var filter = [Bool](repeating: false, count: 1 << 16)

        init(_ encoding: SoundEncoding, _ samples: [Float]) {
            bytes = encoding.bytes(of: samples)
            sampleBytes = encoding.byteCount
            // One position each 10 ms, so that 20 ms contain at least one; quiet positions would match any
            // memory.
            for sample in stride(from: 0, to: samples.count - 8, by: 160) {
                let isLoud = samples[sample..<sample + 4].allSatisfy { abs($0) > 0.01 }
                if !isLoud { continue }
                let value = KnownVoice.load(bytes, sample * sampleBytes)
                places[value, default: []].append(sample * sampleBytes)
                filter[KnownVoice.hash(value)] = true
            }
        }
    }

    /// Full scale -1...1, 16 kHz, of 16 bits.
    init(_ samples: [Float]) {
        self.samples = samples
        forms = [Form(.s16, samples), Form(.f32, samples)]
    }

    /// Number of samples in the longest part of the recording that `bytes` contains; 0 if it is shorter than
    /// 20 ms.
    func longestStretch(in bytes: [UInt8]) -> Int {
        guard bytes.count >= 640 else { return 0 }
        return forms.map { longestStretch(of: $0, in: bytes) }.max() ?? 0
    }

    private func longestStretch(of form: Form, in bytes: [UInt8]) -> Int {
        var longest = 0
        bytes.withUnsafeBytes { memory in
            for offset in stride(from: 0, to: memory.count - 8, by: 2) {
                let value = memory.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
                guard form.filter[Self.hash(value)], let places = form.places[value] else { continue }
                for place in places {
                    longest = max(
                        longest,
                        Self.agreement(form.bytes, place, memory, offset) / form.sampleBytes
                    )
                }
            }
        }
        return longest >= 320 ? longest : 0
    }

    /// Number of equal bytes around both positions.
    private static func agreement(
        _ voice: [UInt8],
        _ place: Int,
        _ memory: UnsafeRawBufferPointer,
        _ offset: Int
    ) -> Int {
        var before = 0
        while before < min(place, offset), voice[place - before - 1] == memory[offset - before - 1] {
            before += 1
        }
        var after = 0
        while after < min(voice.count - place, memory.count - offset),
            voice[place + after] == memory[offset + after]
        {
            after += 1
        }
        return before + after
    }

    private static func load(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
    }

    private static func hash(_ value: UInt64) -> Int {
        Int((value &* 0x9E37_79B9_7F4A_7C15) >> 48)
    }
}

/// The fixture recordings repeated, with pauses, for a given time.
struct SpokenTime {
    let samples: [Float]
    let voice: KnownVoice

    init(seconds: Double) throws {
        let once = try Sounds.conversation().withUnsafeBytes {
            $0.bindMemory(to: Int16.self).map { Float($0) / 32_768 }
        }
        // Without the first second, which is silent.
        let speech = Array(once.dropFirst(16_000))
        voice = KnownVoice(speech)
        let count = Int(seconds * 16_000)
        samples = (0..<count).map { speech[$0 % speech.count] }
    }
}
