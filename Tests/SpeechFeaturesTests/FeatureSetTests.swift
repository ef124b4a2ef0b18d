// SPDX-License-Identifier: Apache-2.0
import Foundation
import SpeechFeatures
import Testing

@Suite struct FeatureSetTests {
    private let standard = FeatureSet.standard

    private func decode(_ json: String) throws -> FeatureSet {
        try JSONDecoder().decode(FeatureSet.self, from: Data(json.utf8))
    }

    private func encoded(_ set: FeatureSet) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(set), as: UTF8.self)
    }

    @Test func everyNumberIsTheSameAfterJSON() throws {
        var set = standard
        set.level.memoryFrames = 123.25
        set.pitch.highestHz = 420
        set.spectrum.bandCount = 64
        #expect(try decode(try encoded(set)) == set)
        #expect(try decode(try encoded(standard)) == standard)
    }

    @Test func anUnknownVersionIsRefusedInOneSentence() throws {
        let json = try encoded(standard).replacing("undertone-features/2", with: "undertone-features/9")
        let error = #expect(throws: FeatureSetError.self) { try decode(json) }
        #expect(error == .unknownVersion("undertone-features/9"))
        #expect(
            error?.description.contains(
                #"knows only "undertone-features/1" and "undertone-features/2":"#
            ) == true
        )
    }

    @Test func theFirstVersionHasNoHighPassAndTheSecondMust() throws {
        let first = try encoded(.firstVersion)
        #expect(first.contains("undertone-features/1") && !first.contains("highPass"))
        #expect(try decode(first) == .firstVersion)
        let second = first.replacing("undertone-features/1", with: "undertone-features/2")
        #expect(throws: DecodingError.self) { try decode(second) }
        #expect(try encoded(standard).contains("undertone-features/2"))
    }

    @Test(arguments: [
        ("hopSamples\":160", "hopSamples\":0", "spectrum.hopSamples"),
        ("hopSamples\":160", "hopSamples\":401", "spectrum.hopSamples"),
        ("fftLengthSamples\":512", "fftLengthSamples\":1024", "spectrum.fftLengthSamples"),
        ("sampleRate\":16000", "sampleRate\":8000", "spectrum.sampleRate"),
        ("bandCount\":80", "bandCount\":1000000000", "spectrum.bandCount"),
        ("floorBlockCount\":8", "floorBlockCount\":0", "level.floorBlockCount"),
        ("slopeFrames\":5", "slopeFrames\":-1", "pitch.slopeFrames"),
        ("zeroHz\":60", "zeroHz\":86", "highPass.sections.zeroHz"),
        ("quality\":8.75", "quality\":1e9", "highPass.sections.quality"),
    ])
    func impossibleNumbersAreRefusedByName(good: String, bad: String, field: String) throws {
        let json = try encoded(standard)
        try #require(json.contains(good))
        let error = #expect(throws: FeatureSetError.self) { try decode(json.replacing(good, with: bad)) }
        #expect(error?.description.contains(field) == true)
    }

    @Test func aMissingNumberIsRefused() throws {
        let json = try encoded(standard).replacing("\"hopSamples\":160,", with: "")
        #expect(throws: DecodingError.self) { try decode(json) }
    }

    @Test func theStreamRefusesInvalidNumbers() {
        var set = standard
        set.pitch.lowestHz = 0
        #expect(throws: FeatureSetError.self) { try OnlineFeatures(set) }
    }

    @Test func aFrameIsLaidOutAsDocumented() {
        #expect(standard.featureCount == 86)
        #expect(standard.featureNames.count == 86)
        let tail = ["pitch", "relativePitch", "pitchSlope", "voicing", "loudness", "speech"]
        #expect(Array(standard.featureNames.suffix(6)) == tail)
        #expect(standard.index(of: .pitch) == 80 && standard.index(of: .speech) == 85)
    }
}
