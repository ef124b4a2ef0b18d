// SPDX-License-Identifier: Apache-2.0
import Glibc
import SampleRing

/// Holds a source without a clock of its own to the speed of life.
struct Pace {
    let sampleRate: Int
    let isPaced: Bool
    private var start: Int64 = 0

    /// A pace that has just begun.
    init(sampleRate: Int, isPaced: Bool) {
        self.sampleRate = sampleRate
        self.isPaced = isPaced
        restart()
    }

    /// Begins again at this moment.
    mutating func restart() { start = CaptureClock.nowNanoseconds() }

    /// PCM frames that a microphone would have delivered beyond `position`, after waiting for the next 10 ms of
    /// them, but no longer than the patience of `read`.
    func dueFrames(after position: Int) -> Int {
        guard isPaced else { return .max }
        let period = sampleRate / 100
        let nanosecondsLeft = nanoseconds(position + period) - (CaptureClock.nowNanoseconds() - start)
        if nanosecondsLeft > 0 { sleep(nanoseconds: min(nanosecondsLeft, 100_000_000)) }
        let elapsed = CaptureClock.nowNanoseconds() - start
        let frames = elapsed / 1_000_000_000 * Int64(sampleRate)
        let rest = elapsed % 1_000_000_000 * Int64(sampleRate) / 1_000_000_000
        return max(0, Int(frames + rest) - position)
    }

    private func nanoseconds(_ frames: Int) -> Int64 {
        Int64(frames / sampleRate) * 1_000_000_000 + Int64(frames % sampleRate) * 1_000_000_000
            / Int64(sampleRate)
    }
}

/// Sleeps, less than a second. (`usleep`, since which C module owns `timespec` depends on the order of imports.)
func sleep(nanoseconds: Int64) { usleep(useconds_t(nanoseconds / 1_000)) }
