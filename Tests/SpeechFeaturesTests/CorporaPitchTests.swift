// SPDX-License-Identifier: Apache-2.0
import AudioFiles
import Foundation
import TestSupport
import Testing

/// Praat's contours of forty clips in five languages; the clips are in the folder `UNDERTONE_DATA`.
@Suite struct CorporaPitchTests {
    @Test(.enabled(if: Fixtures.corpora != nil)) func pitchAgreesWithPraatInFiveLanguages() throws {
        let corpora = try #require(Fixtures.corpora)
        var total = PitchComparison()
        var byCorpus: [String: PitchComparison] = [:]
        for (clip, praat) in try Golden.contours("pitch-corpora.json") {
            let samples = try AudioClip(path: corpora.appending(path: clip).path).samples
            let ours = try pitchHz(samples)
            try #require(ours.count == praat.count, "\(clip)")
            total.add(ours, praat: praat)
            byCorpus[clip.prefix { $0 != "/" }.description, default: PitchComparison()].add(
                ours,
                praat: praat
            )
        }
        #expect(total.bothVoiced > 5_000)
        #expect(total.grossError <= 0.02, "\(total)")
        #expect(total.voicingError <= 0.12, "\(total)")
        for (corpus, comparison) in byCorpus {
            #expect(comparison.grossError <= 0.05, "\(corpus): \(comparison)")
        }
    }
}
