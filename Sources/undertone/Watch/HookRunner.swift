// SPDX-License-Identifier: Apache-2.0
import Glibc
import ServiceRuntime

/// Runs a hook for events. Never waits for it: ``step(at:)`` looks after the hooks between two events.
struct HookRunner {
    private let command: [String]
    private let limit: Double
    private var schedule: HookSchedule
    private var tally = HookTally()
    private var hooks: [HookProcess] = []
    /// Seconds from SIGTERM to SIGKILL.
    private static let grace = 2.0

    init(_ options: HookOptions) throws {
        command = options.command
        limit = try options.limit / .seconds(1)
        schedule = HookSchedule(parallel: options.parallel, rate: options.rate)
    }

    mutating func offer(_ line: String) { schedule.offer(line) }

    /// Ends hooks that are overdue, starts the next one, reports. `now` is in seconds.
    ///
    /// - Throws: a failure if the program cannot be started: it will not start for the next event either.
    mutating func step(at now: Double) throws(ProgramFailure) {
        reap()
        for index in hooks.indices { remind(index, now) }
        while let line = schedule.start(at: now) {
            hooks.append(try HookProcess(command, input: line + "\n", deadline: now + limit))
        }
        tally.addSkipped(schedule.takeSkipped())
        report(now, isLast: false)
    }

    /// Ends all hooks; called when the program ends.
    mutating func end(at now: Double) {
        for hook in hooks { hook.send(SIGTERM) }
        report(now, isLast: true)
    }

    private mutating func reap() {
        var rest: [HookProcess] = []
        for hook in hooks {
            if let status = hook.status() { note(status, of: hook) } else { rest.append(hook) }
        }
        hooks = rest
    }

    private mutating func note(_ status: CInt, of hook: HookProcess) {
        schedule.finish()
        if hook.killTime != nil { return }
        if status & 0x7F != 0 {
            tally.addFailure("killed by signal \(status & 0x7F)")
        } else if status != 0 {
            tally.addFailure("ended with status \(status >> 8 & 0xFF)")
        }
    }

    private mutating func remind(_ index: Int, _ now: Double) {
        if let killTime = hooks[index].killTime {
            if now >= killTime { hooks[index].send(SIGKILL) }
        } else if now >= hooks[index].deadline {
            hooks[index].send(SIGTERM)
            hooks[index].killTime = now + Self.grace
            tally.addOverdue()
        }
    }

    private mutating func report(_ now: Double, isLast: Bool) {
        if let sentence = tally.sentence(at: now, isLast: isLast) {
            StandardError.write("undertone: \(sentence)\n")
        }
    }
}
