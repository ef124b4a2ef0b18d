// SPDX-License-Identifier: Apache-2.0
package import Corpora

/// Tests a read-out on clips of unknown and known voices, from one vector for each clip.
///
/// The pooled vector of a clip is computed once; what changes between the conditions is which earlier vectors of the same
/// speaker the read-out compares it with. That takes seconds where streaming twenty earlier clips before each tested one
/// takes hours.
package struct VoiceTest {
    /// The answer of a read-out.
    ///
    /// - Parameters:
    ///   - clip: the tested clip.
    ///   - earlier: the earlier clips of its speaker, in order; may be empty.
    /// - Returns: the probability of each class [K]; empty for no label.
    package typealias ReadOut = (_ clip: Int, _ earlier: [Int]) -> [Double]

    private let clips: [Clip]
    private let folds: [[Int]]
    private let earlier: EarlierUtterances
    private let seed: UInt64

    /// - Parameters:
    ///   - clips: clips of one corpus; those that no fold tests may still come before a tested one.
    ///   - folds: the tested clips of each fold; one array where there are no folds.
    ///   - seed: of the draws.
    package init(_ clips: [Clip], folds: [[Int]], seed: UInt64 = 1) {
        (self.clips, self.folds, self.seed) = (clips, folds, seed)
        earlier = EarlierUtterances(of: clips)
    }

    /// The figures in each condition.
    ///
    /// - Parameter readOut: the read-out of a fold, which must not have been trained on its speakers.
    package func report(
        _ conditions: [VoiceCondition] = VoiceCondition.all,
        _ readOut: (_ fold: Int) -> ReadOut
    )
        -> [KnownVoice]
    {
        let readOuts = folds.indices.map(readOut)
        return conditions.map { report($0, readOuts) }
    }

    private func report(_ condition: VoiceCondition, _ readOuts: [ReadOut]) -> KnownVoice {
        var counts: [Int] = []
        let judged = zip(folds, readOuts).map { tested, readOut in
            let probabilities = tested.map { clip in
                let list = earlier.draw(
                    for: clip,
                    count: condition.count,
                    composition: condition.earlier,
                    seed: seed
                )
                counts.append(list.count)
                return readOut(clip, list)
            }
            return JudgedClips(tested.map { clips[$0] }, probabilities: probabilities)
        }
        return KnownVoice(condition, counts: counts, judged: judged)
    }
}
