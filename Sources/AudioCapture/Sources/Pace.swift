// SPDX-License-Identifier: Apache-2.0
import Glibc
import SampleRing

/// Delays a source without its own clock to real time.
struct Pace {
    let sampleRate: Int
    let isPaced: Bool
    private var start: Int64 = 0

    /// Creates a pace that begins now.
    init(sampleRate: Int, isPaced: Bool) {
        self.sampleRate = sampleRate
        self.isPaced = isPaced
        restart()
    }

    /// Restarts the pace now.
    mutating func restart() { start = CaptureClock.nowNanoseconds() }

    /// PCM frames that a microphone would have delivered beyond `position`; waits for the next 10 ms of them,
    /// but no longer than the time limit of `read`.
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

/// Sleeps for less than a second. (`usleep`, because the C module that owns `timespec` depends on the order
/// of imports.)
func sleep(nanoseconds: Int64) { usleep(useconds_t(nanoseconds / 1_000)) }
