// SPDX-License-Identifier: Apache-2.0
import Foundation
import SpeechFeatures
import TestSupport
import Testing

@Suite struct HighPassTests {
    private let set = FeatureSet.standard

    private func filtered(_ samples: [Float], _ cut: Cut = .every(160), _ set: FeatureSet = .standard)
        -> [Float]
    {
        var highPass = HighPass(set)
        var output = [Float](repeating: .nan, count: samples.count)
        for range in cut.ranges(of: samples.count) {
            highPass.step(samples.span.extracting(range), into: &output, from: range.lowerBound)
        }
        return output
    }

    private func tone(_ hertz: Double, seconds: Double = 2) -> [Float] {
        (0..<Int(seconds * 16_000)).map { Float(0.1 * sin(2 * .pi * hertz * Double($0) / 16_000)) }
    }

    /// Gain for a tone after a second, in decibels.
    private func gain(_ hertz: Double) -> Double {
        let input = tone(hertz)
        func power(_ samples: [Float]) -> Double { samples.suffix(16_000).reduce(0) { $0 + Double($1 * $1) } }
        return 10 * log10(power(filtered(input)) / power(input))
    }

    @Test(arguments: [5, 15, 25, 40, 50, 59.8, 60, 60.2] as [Double])
    func frequenciesBelowTheVoiceAreRemoved(hertz: Double) { #expect(gain(hertz) < -76) }

    @Test(arguments: [91, 100, 150, 400, 2_000, 7_900] as [Double])
    func frequenciesOfTheVoicePass(hertz: Double) { #expect(abs(gain(hertz)) < 0.1) }

    @Test func aConstantOffsetIsSilence() {
        #expect(filtered([Float](repeating: 0.1, count: 1_600)).allSatisfy { abs($0) < 1e-7 })
    }

    @Test func afterTheVoiceComesDigitalSilence() throws {
        let samples = try Golden.samples("angry") + digitalSilence(seconds: 20)
        #expect(filtered(samples).suffix(160_000).allSatisfy { $0 == 0 })
    }

    @Test(arguments: Cut.all(hop: 160))
    func everyCutGivesTheSameSamplesAsTheWholeSignal(cut: Cut) throws {
        let samples = Undertow.offset.added(to: try Golden.samples("happy"))
        #expect(filtered(samples, cut) == filtered(samples, .every(samples.count)))
    }

    @Test func resetBeginsANewStream() throws {
        let (samples, other) = (try Golden.samples("sad"), try Golden.samples("angry"))
        var highPass = HighPass(set)
        var output = [Float](repeating: 0, count: samples.count)
        highPass.step(other.span.extracting(first: 9_000), into: &output)
        highPass.reset()
        highPass.step(samples.span, into: &output)
        #expect(output == filtered(samples))
    }

    @Test func theFirstVersionPassesEverything() throws {
        let samples = Undertow.rumble.added(to: try Golden.samples("sad"))
        #expect(filtered(samples, .every(160), .firstVersion) == samples)
    }

    @Test func allOutputIsFinite() {
        let wild =
            [Float.nan, .infinity, -1e30, .leastNonzeroMagnitude] + noise(seconds: 1, decibels: 20) + [.nan]
        #expect(filtered(wild).allSatisfy { $0.isFinite })
    }

    @Test(.enabled(if: canCountAllocations)) func stepNeverAllocates() {
        let samples = tone(300)
        var highPass = HighPass(set)
        var output = [Float](repeating: 0, count: 160)
        highPass.reset()
        let count = allocations {
            for start in stride(from: 0, to: samples.count, by: 160) {
                highPass.step(samples.span.extracting(start..<start + 160), into: &output)
            }
        }
        #expect(count == 0)
    }
}

/// The frames of a voice do not change when low frequencies are added to it.
@Suite struct UndertowTests {
    private let set = FeatureSet.standard

    private func frames(_ samples: [Float], _ set: FeatureSet) throws -> [[Float]] {
        let rows = try OnlineFeatures.forward(samples, set: set)
        return stride(from: 0, to: rows.count, by: set.featureCount).map {
            Array(rows[$0..<$0 + set.featureCount])
        }
    }

    /// Mean difference of a value, in the frames that count as speech in the clean clip.
    private func distance(_ voice: String, _ undertow: Undertow, _ set: FeatureSet) throws -> Float {
        let samples = try Golden.samples(voice)
        let (clean, with) = (try frames(samples, set), try frames(undertow.added(to: samples), set))
        let spoken = clean.indices.filter { clean[$0][set.index(of: .speech)] > 0.5 }
        let sum = spoken.reduce(Float(0)) { sum, frame in
            sum + zip(clean[frame], with[frame]).reduce(0) { $0 + abs($1.0 - $1.1) }
        }
        return sum / Float(spoken.count * set.featureCount)
    }

    /// The recordings begin in digital silence. A trace of hum makes it a signal, which changes the level by up to 0.2.
    @Test(arguments: Golden.voices, Undertow.allCases)
    func speechHasTheFramesOfSpeechAlone(voice: String, undertow: Undertow) throws {
        let now = try distance(voice, undertow, .standard)
        let before = try distance(voice, undertow, .firstVersion)
        #expect(now < 0.2)
        #expect(undertow == .offset || now < before / 5)
    }

    @Test func filteredSamplesGiveTheSameFrames() throws {
        let samples = try Golden.samples("happy")
        var highPass = HighPass(set)
        var filtered = samples
        highPass.step(samples.span, into: &filtered)
        var features = try OnlineFeatures(set)
        var rows: [Float] = []
        features.step(filtered: filtered.span) { frame in for i in frame.indices { rows.append(frame[i]) } }
        #expect(rows == (try OnlineFeatures.forward(samples)))
    }
}
