// SPDX-License-Identifier: Apache-2.0
import Glibc

/// CPU time of this process, user and system, in seconds.
private func processSeconds() -> Double { seconds(of: CLOCK_PROCESS_CPUTIME_ID) }

private func seconds(of clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Steps back to back, all caches warm: median of seven repetitions of about 0.3 s.
func tightMicroseconds(_ step: () -> Void) -> Double {
    let count = 3000
    for _ in 0..<count / 10 { step() }
    let repetitions = (0..<7).map { _ in
        let start = processSeconds()
        for _ in 0..<count { step() }
        return (processSeconds() - start) / Double(count)
    }
    return repetitions.sorted()[3] * 1e6
}

/// One step each `period` of real time for eight seconds, as in a daemon: cold caches, low CPU clock.
func pacedMicroseconds(period: Double, _ step: () -> Void) -> Double {
    let count = Int(8 / period)
    let start = processSeconds()
    var due = seconds(of: CLOCK_MONOTONIC)
    for _ in 0..<count {
        due += period
        var wakeUp = timespec(tv_sec: Int(due), tv_nsec: Int((due - due.rounded(.down)) * 1e9))
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wakeUp, nil)
        step()
    }
    return (processSeconds() - start) / Double(count) * 1e6
}

/// Resident memory of this process.
func residentMegabytes() -> Double {
    var pages = 0
    guard let file = fopen("/proc/self/statm", "r") else { return .nan }
    defer { fclose(file) }
    var total = 0
    withUnsafeMutablePointer(to: &total) { total in
        withUnsafeMutablePointer(to: &pages) { pages in
            withVaList([total, pages]) { _ = vfscanf(file, "%ld %ld", $0) }
        }
    }
    return Double(pages * sysconf(Int32(_SC_PAGESIZE))) / 1e6
}
