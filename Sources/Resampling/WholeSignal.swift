// SPDX-License-Identifier: Apache-2.0

/// Resamples a whole signal, for training and tests: count · outputRate / inputRate samples, rounded.
///
/// - Throws: if libspeexdsp refuses the rates, or is out of memory.
public func resampled(_ samples: [Float], from inputRate: Int, to outputRate: Int)
    throws(ResamplingError) -> [Float]
{
    if inputRate == outputRate { return samples }
    let resampler = try Resampler(from: inputRate, to: outputRate)
    let count = (samples.count * outputRate + inputRate / 2) / inputRate
    var result: [Float] = []
    result.reserveCapacity(count)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 4_096) { room in
        samples.withUnsafeBufferPointer { input in
            resampler.step(input, room: room) { result.append(contentsOf: $0) }
        }
        resampler.finish(room: room) { result.append(contentsOf: $0) }
    }
    // The filter may be one sample short or give one too many.
    result.append(contentsOf: repeatElement(0, count: max(0, count - result.count)))
    result.removeLast(result.count - count)
    return result
}
