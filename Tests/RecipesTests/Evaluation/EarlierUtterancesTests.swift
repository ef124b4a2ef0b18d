// SPDX-License-Identifier: Apache-2.0
import Recipes
import Testing

struct EarlierUtterancesTests {
    /// Two speakers with four neutral clips (0) and four of each of three emotions; one clip of a third speaker and one of
    /// an unknown speaker.
    private let clips: [(speaker: String?, emotion: Int?)] =
        ["a", "b"].flatMap { speaker in
            [0, 1, 2, 3].flatMap { label in (0..<4).map { _ in (speaker, label) } }
        }
        + [("c", 1), (nil, 0)]

    private func lists(_ composition: VoiceCondition.Composition, _ count: Int, seed: UInt64 = 1) -> [[Int]] {
        let earlier = EarlierUtterances(clips)
        return clips.indices.map {
            earlier.draw(for: $0, count: count, composition: composition, seed: seed)
        }
    }

    @Test(arguments: VoiceCondition.Composition.allCases, [1, 3, 8, 20])
    func aListIsOfTheSameSpeakerWithoutTheTestedClipAndWithoutRepeats(
        composition: VoiceCondition.Composition,
        count: Int
    ) {
        for (clip, list) in lists(composition, count).enumerated() {
            #expect(list.count <= count && Set(list).count == list.count && !list.contains(clip))
            #expect(list.allSatisfy { clips[$0].speaker == clips[clip].speaker })
        }
    }

    @Test func theSameSeedDrawsTheSameListAndAnotherSeedAnother() {
        #expect(lists(.mixed, 8) == lists(.mixed, 8))
        #expect(lists(.mixed, 8) != lists(.mixed, 8, seed: 2))
        let one = EarlierUtterances.draw(for: 5, among: clips, count: 8, composition: .mixed, seed: 1)
        #expect(one == lists(.mixed, 8)[5])
    }

    @Test(arguments: VoiceCondition.Composition.allCases)
    func aLongerListHoldsTheShorterOne(composition: VoiceCondition.Composition) {
        for (short, long) in zip(lists(composition, 3), lists(composition, 8)) {
            #expect(Set(short).isSubset(of: long))
        }
    }

    @Test func mixedListsAreShorterWhereASpeakerHasTooFew() {
        let lists = lists(.mixed, 20)
        #expect(lists[0].count == 15 && lists[32].isEmpty && lists[33].isEmpty)
    }

    @Test func threeOfFourAreNeutralAndTheShareHoldsWhereNeutralClipsRunOut() {
        // Clip 0 is neutral, so that three neutral ones are left; clip 15 is not.
        for (count, clip, neutral, others) in [(4, 15, 3, 1), (8, 15, 4, 1), (20, 0, 3, 1), (3, 0, 2, 1)] {
            let list = lists(.mostlyNeutral, count)[clip]
            #expect(list.count { clips[$0].emotion == 0 } == neutral, "\(count) before \(clip)")
            #expect(list.count { clips[$0].emotion != 0 } == others, "\(count) before \(clip)")
        }
    }

    @Test func allOfOneEmotionAreAndTheEmotionsVary() {
        let lists = lists(.oneEmotion, 20)
        let drawn = lists.map { list in Set(list.compactMap { clips[$0].emotion }) }
        #expect(drawn[..<32].allSatisfy { $0.count == 1 })
        #expect(Set(drawn.flatMap(Array.init)) == [0, 1, 2, 3])
        #expect(lists[..<32].allSatisfy { $0.count == 3 || $0.count == 4 })
    }

    @Test func anUnknownVoiceHasNoEarlierUtterance() {
        #expect(lists(.mixed, 0).allSatisfy { $0.isEmpty })
        #expect(VoiceCondition.all.count == 10 && VoiceCondition.all[0].count == 0)
    }
}
