// SPDX-License-Identifier: Apache-2.0
import EmotionEvents
import Glibc
import Resampling

/// Converts samples of any rate to 16 kHz, with the same cleaning and resampling as for an audio file.
///
/// Nothing is allocated after `init`. One thread at a time.
// Unchecked because of the two buffers, which have no other references.
struct SampleIntake: ~Copyable, @unchecked Sendable {
    /// Samples delivered so far, at 16 kHz.
    private(set) var count: Int64 = 0
    /// True if the rate is supported.
    let isSupported: Bool

    private static let blockCount = 1_024
    /// Larger samples come from a broken source and count as 0, as in `AudioFileReader`.
    private static let loudest: Float = 1e6
    private let resampler: Resampler?
    private let block: UnsafeMutableBufferPointer<Float>
    private let room: UnsafeMutableBufferPointer<Float>

    init(sampleRate: Int) {
        if sampleRate == audioClockRate || !EmotionRecognizer.sampleRates.contains(sampleRate) {
            resampler = nil
            isSupported = sampleRate == audioClockRate
        } else if let made = try? Resampler(from: sampleRate, to: audioClockRate) {
            resampler = consume made
            isSupported = true
        } else {
            resampler = nil
            isSupported = false
        }
        block = .allocate(capacity: Self.blockCount)
        room = .allocate(capacity: Self.blockCount)
        block.initialize(repeating: 0)
        room.initialize(repeating: 0)
    }

    /// Overwrites the sound before the memory is freed.
    deinit {
        for buffer in [UnsafeMutableRawBufferPointer(block), UnsafeMutableRawBufferPointer(room)] {
            if let start = buffer.baseAddress { explicit_bzero(start, buffer.count) }
            buffer.deallocate()
        }
    }

    mutating func step(_ samples: Span<Float>, _ emit: (Span<Float>) -> Void) {
        var rest = samples
        while !rest.isEmpty {
            let count = min(rest.count, Self.blockCount)
            for i in 0..<count { block[i] = abs(rest[i]) <= Self.loudest ? rest[i] : 0 }
            rest = rest.extracting(droppingFirst: count)
            convert(UnsafeBufferPointer(rebasing: block[..<count]), emit)
        }
    }

    mutating func finish(_ emit: (Span<Float>) -> Void) {
        var delivered = 0
        resampler?.finish(room: room) {
            delivered += $0.count
            emit($0.span)
        }
        count += Int64(delivered)
        resampler?.reset()
    }

    mutating func reset() {
        count = 0
        resampler?.reset()
    }

    private mutating func convert(_ input: UnsafeBufferPointer<Float>, _ emit: (Span<Float>) -> Void) {
        var delivered = 0
        if resampler == nil {
            delivered = input.count
            emit(input.span)
        }
        resampler?.step(input, room: room) {
            delivered += $0.count
            emit($0.span)
        }
        count += Int64(delivered)
    }
}

/// A position on the audio clock in seconds.
func seconds(_ sample: Int64) -> Double { Double(sample) / Double(audioClockRate) }
