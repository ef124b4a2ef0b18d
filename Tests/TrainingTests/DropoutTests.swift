// SPDX-License-Identifier: Apache-2.0
import Testing
import Training

@Suite struct DropoutTests {
    private let count = 40_000
    private let buffer = SequenceBuffer<Float>()
    private func ones() -> Sequences<Float> {
        buffer.load([Float](repeating: 1, count: count), batch: 2, frames: count / 20, channels: 10)
    }

    @Test func theMeanStaysAndTheShareIsKept() {
        var random = TrainingRandom(seed: 3)
        let x = ones()
        Dropout<Float>(share: 0.3).forward(x, &random)
        let values = x.values
        let dropped = Double(values.count { $0 == 0 }) / Double(count)
        #expect(abs(dropped - 0.3) < 0.01)
        #expect(abs(values.reduce(0, +) / Float(count) - 1) < 0.02)
    }

    @Test func theSameSeedDropsTheSameNumbersAndBackwardDropsThemToo() {
        let dropout = Dropout<Float>(share: 0.5)
        var (first, second) = (TrainingRandom(seed: 4), TrainingRandom(seed: 4))
        let x = ones()
        dropout.forward(x, &first)
        let forward = x.values
        let again = ones()
        dropout.forward(again, &second)
        #expect(again.values == forward)
        let gradient = ones()
        dropout.backward(gradient)
        #expect(gradient.values == forward)
    }

    @Test func outsideOfTrainingNothingIsDropped() {
        let dropout = Dropout<Float>(share: 0.5)
        let x = ones()
        dropout.forward(x, nil)
        dropout.backward(x)
        #expect(x.values.allSatisfy { $0 == 1 })
    }
}

@Suite struct ScheduleTests {
    @Test func itWarmsUpStraightPeaksAndEndsAtNothing() {
        let schedule = Schedule(peak: 2, warmUpSteps: 10, totalSteps: 1000)
        let rates = (0...1000).map(schedule.learningRate)
        #expect(abs(rates[0] - 0.2) < 1e-4 && abs(rates[4] - 1) < 1e-3)
        #expect(rates.max() == rates[9] && abs(rates[9] - 2) < 1e-3)
        #expect(zip(rates[9...], rates[10...]).allSatisfy { $0 > $1 })
        #expect(abs(rates[500] - 1) < 1e-9 && rates[1000] < 1e-12)
    }
}
