// SPDX-License-Identifier: Apache-2.0
import Corpora
import Foundation
import Recipes
import TestSupport
import Testing

struct VarietyTests {
    private let lines = Fixtures.root.appending(path: "configs/ablations/lines.yaml")

    @Test func theAblationOfLinesAddsToTheShippedCopiesAndTakesNothingAway() throws {
        let ablation = try Ablation(file: lines)
        let variations = ablation.variants.map(\.recipe.augmentation.variation)
        #expect(variations[0].codec == nil && variations[0].speed == nil)
        for variation in variations {
            #expect(variation.roomSeconds == variations[0].roomSeconds)
            #expect(variation.noiseDecibels == variations[0].noiseDecibels)
            #expect(variation.gainDecibels == variations[0].gainDecibels)
        }
        #expect(variations[1].codec?.codecs.count == 5 && variations[2].speed != nil)
    }

    @Test(arguments: [
        ("factor: [0.9, 1.1]", "factor: [1.1]", "speed.factor must be two numbers, lowest and highest"),
        ("toHz: [3400, 7000]", "toHz: [50, 7000]", "band.fromHz must be positive and below toHz"),
        ("kind: gsm", "kind: gsm, kilobits: [8, 9]", "codec.codecs: gsm has one bit rate"),
        ("kind: opus, kilobits: [8, 24]", "kind: opus", "codec.codecs: opus needs kilobits"),
        ("kind: gsm", "kind: amr", "is of the wrong kind"),
        ("codecs:\n          - { kind: opus", "codec:\n          - { kind: opus", "is missing"),
    ])
    func aVariationThatMakesNoSenseIsRefusedByName(old: String, new: String, words: String) throws {
        let text = try String(contentsOf: lines, encoding: .utf8)
        try #require(text.contains(old), "the ablation no longer holds \(old)")
        let file = FileManager.default.temporaryDirectory.appending(path: "lines-\(UUID().uuidString).yaml")
        defer { try? FileManager.default.removeItem(at: file) }
        let base = Fixtures.root.appending(path: "configs/recipes/predictive.yaml").path
        try text.replacingOccurrences(of: "../recipes/predictive.yaml", with: base)
            .replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: RecipeError.self) { try Ablation(file: file) }
        let complaint = error?.description ?? ""
        #expect(complaint.contains(words), "said: \(complaint)")
    }

    @Test(arguments: [90, 100, 110])
    func aDrawFindsItsMomentsInACopyOfAnotherSpeed(copyFrames: Int) {
        let tempo = 100 / Double(copyFrames)
        let draw = { DrawnClip(set: 0, clip: 0, copy: 1, frames: $0) }
        #expect(draw(0..<100).frames(atTempo: tempo, of: copyFrames) == 0..<copyFrames)
        #expect(draw(20..<50).frames(atTempo: tempo, of: copyFrames) == copyFrames / 5..<copyFrames / 2)
    }
}
