// SPDX-License-Identifier: Apache-2.0
import Testing
import Training

@Suite struct DropoutTests {
    private let count = 40_000
    private let buffer = SequenceBuffer<Float>()
    private func ones() -> Sequences<Float> {
        buffer.load([Float](repeating: 1, count: count), batch: 2, frames: count / 20, channels: 10)
    }

    private func drop(
        _ dropout: Dropout<Float>,
        _ x: Sequences<Float>,
        _ random: inout TrainingRandom,
        _ share: BatchShare? = nil
    ) {
        _ = withUnsafeMutablePointer(to: &random) { dropout.forward(x, DropoutSource($0, share: share)) }
    }

    /// Numbers of a row that do and do not come out even with those of a draw; batches of one and of several views.
    @Test(arguments: [(3, 5), (2, 8)], [1, 3])
    func sharesOfABatchDropWhatTheWholeDrops(row: (frames: Int, channels: Int), views: Int) {
        let (batch, dropout) = (7, Dropout<Float>(share: 0.5))
        func ones(_ rows: Int) -> Sequences<Float> {
            buffer.load(
                Array(repeating: 1, count: views * rows * row.frames * row.channels),
                batch: views * rows,
                frames: row.frames,
                channels: row.channels
            )
        }
        var random = TrainingRandom(seed: 5)
        let whole = ones(batch)
        drop(dropout, whole, &random)
        let expected = whole.values
        for rows in [0..<3, 3..<4, 4..<7] {
            let share = BatchShare(rows: rows, of: batch)
            var sharing = TrainingRandom(seed: 5)
            let part = ones(rows.count)
            drop(dropout, part, &sharing, share)
            #expect(part.values == share.part(of: expected, segments: views))
            #expect(sharing == random)
        }
    }

    @Test func theMeanStaysAndTheShareIsKept() {
        var random = TrainingRandom(seed: 3)
        let x = ones()
        drop(Dropout(share: 0.3), x, &random)
        let values = x.values
        let dropped = Double(values.count { $0 == 0 }) / Double(count)
        #expect(abs(dropped - 0.3) < 0.01)
        #expect(abs(values.reduce(0, +) / Float(count) - 1) < 0.02)
    }

    @Test func theSameSeedDropsTheSameNumbersAndBackwardDropsThemToo() {
        let dropout = Dropout<Float>(share: 0.5)
        var (first, second) = (TrainingRandom(seed: 4), TrainingRandom(seed: 4))
        let x = ones()
        drop(dropout, x, &first)
        let forward = x.values
        let again = ones()
        drop(dropout, again, &second)
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
