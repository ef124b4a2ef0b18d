// SPDX-License-Identifier: Apache-2.0
import Corpora
import EmotionStream

/// The figures of clips whose voice had been processed before.
public struct KnownVoice: Codable, Hashable, Sendable {
    /// The condition that was requested.
    public let condition: VoiceCondition
    /// Mean number of earlier utterances; fewer than requested where speakers have too few clips.
    public let meanCount: Double
    /// Number of earlier utterances in the shortest list.
    public let leastCount: Int
    /// The answers to the tested clips alone.
    public let figures: ClipFigures
    /// The answers of each fold, in the order of the folds; one element where there are none.
    public let folds: [ConfusionMatrix]

    /// - Parameters:
    ///   - condition: what was asked for.
    ///   - counts: the real length of each list.
    ///   - judged: the tested clips of each fold.
    init(_ condition: VoiceCondition, counts: [Int], judged: [JudgedClips]) {
        self.condition = condition
        meanCount = mean(counts.map(Double.init))
        leastCount = counts.min() ?? 0
        figures = JudgedClips(pooling: judged).figures()
        folds = judged.map { $0.confusion() }
    }
}

/// Streams earlier clips of a speaker, then the tested one, through the true path.
struct VoiceStream {
    /// The clips of one corpus.
    let clips: [Clip]
    /// The tested clips of each fold and the fold's model.
    let folds: [(tested: [Int], model: StreamModel)]

    private static let seed: UInt64 = 1

    /// The figures in each condition.
    func report(_ conditions: [VoiceCondition], progress: (Int, Int) -> Void) async throws(CorporaError)
        -> [KnownVoice]
    {
        let earlier = EarlierUtterances(of: clips)
        var reports: [KnownVoice] = []
        for condition in conditions {
            var counts: [Int] = []
            var judged: [JudgedClips] = []
            for fold in folds {
                let lists = fold.tested.map {
                    earlier.draw(
                        for: $0,
                        count: condition.count,
                        composition: condition.earlier,
                        seed: Self.seed
                    )
                }
                counts += lists.map(\.count)
                let tested = fold.tested.map { clips[$0] }
                let answers = try await StreamedClip.stream(
                    tested,
                    after: lists.map { $0.map { clips[$0] } },
                    through: fold.model
                ) { progress($0, tested.count) }
                judged.append(JudgedClips(tested, answers: answers))
            }
            reports.append(KnownVoice(condition, counts: counts, judged: judged))
        }
        return reports
    }
}
