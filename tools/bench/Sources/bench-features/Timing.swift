// SPDX-License-Identifier: Apache-2.0
import Glibc

private func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Hops back to back, all caches warm: median of nine repetitions.
func tightMicroseconds(_ step: () -> Void) -> Double {
    let count = 30_000
    let repetitions = (0..<9).map { _ in
        let start = seconds(of: CLOCK_PROCESS_CPUTIME_ID)
        for _ in 0..<count { step() }
        return (seconds(of: CLOCK_PROCESS_CPUTIME_ID) - start) / Double(count)
    }
    return repetitions.sorted()[4] * 1e6
}

/// One hop each 10 ms of real time for six seconds, as in a daemon: cold caches, low CPU clock. Counts only
/// the step and two reads of the clock, not sleeping and waking.
func pacedMicroseconds(_ step: () -> Void) -> Double {
    let count = 600
    var spent = 0.0
    for _ in 0..<count {
        var pause = timespec(tv_sec: 0, tv_nsec: 10_000_000)
        nanosleep(&pause, nil)
        let start = seconds(of: CLOCK_THREAD_CPUTIME_ID)
        step()
        spent += seconds(of: CLOCK_THREAD_CPUTIME_ID) - start
    }
    return spent / Double(count) * 1e6
}
