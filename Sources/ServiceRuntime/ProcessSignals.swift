// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc

/// Handling of signals that must not end a daemon, and of those that must.
public enum ProcessSignals {
    /// Ignores the signals that no program sends to a daemon on purpose and that end a process by default. SIGHUP is
    /// ignored until it has a handler.
    ///
    /// Not changed: SIGTERM, SIGINT, SIGQUIT and SIGKILL, which end a process on purpose; faults of the program; and
    /// SIGXCPU, which takes real-time priority away.
    public static func ignoreStray() {
        let stray = [
            SIGHUP, SIGPIPE, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSTKFLT, SIGXFSZ,
        ]
        for number in stray + Array(realTimeSignals) { signal(number, SIG_IGN) }
    }

    // The first two of the kernel's real-time signals, 32 and 33, belong to glibc.
    private static let realTimeSignals: ClosedRange<CInt> = 34...64

    /// Ends the process `limit` after SIGTERM or SIGINT if it is still running, whatever hangs.
    public static func endWithin(_ limit: Duration) {
        let queue = DispatchQueue(label: "end")
        for number in [SIGTERM, SIGINT] {
            let watch = DispatchSource.makeSignalSource(signal: number, queue: queue)
            watch.setEventHandler {
                queue.asyncAfter(deadline: .now() + limit / .seconds(1)) {
                    StandardError.write(
                        "undertoned: shutdown did not finish in time; the process was ended\n"
                    )
                    _exit(ExitStatus.other.rawValue)
                }
            }
            watch.resume()
            // Kept until the process ends.
            _ = Unmanaged.passRetained(watch as AnyObject)
        }
    }
}
