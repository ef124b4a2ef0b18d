// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Testing
import undertone

@Suite struct HookScheduleTests {
    @Test func aBusyHookGetsTheNewestEventAndTheRestIsCounted() {
        var schedule = HookSchedule(parallel: 1, rate: nil)
        schedule.offer("1")
        #expect(schedule.start(at: 0) == "1")
        for line in ["2", "3", "4"] { schedule.offer(line) }
        #expect(schedule.start(at: 1) == nil)
        schedule.finish()
        #expect(schedule.start(at: 2) == "4")
        #expect(schedule.takeSkipped() == 2)
        #expect(schedule.takeSkipped() == 0)
    }

    @Test func asManyRunAtTheSameTimeAsWasAskedFor() {
        var schedule = HookSchedule(parallel: 2, rate: nil)
        var started = 0
        for line in ["1", "2", "3"] {
            schedule.offer(line)
            if schedule.start(at: 0) != nil { started += 1 }
        }
        #expect(started == 2)
    }

    @Test func aRateDelaysStarts() {
        var schedule = HookSchedule(parallel: 8, rate: 2)
        schedule.offer("1")
        #expect(schedule.start(at: 10) == "1")
        schedule.offer("2")
        #expect(schedule.start(at: 10.4) == nil)
        #expect(schedule.start(at: 10.5) == "2")
    }

    @Test func troublesAreOneSentenceEveryFewSeconds() {
        var tally = HookTally()
        #expect(tally.sentence(at: 0) == nil)
        tally.addSkipped(3)
        tally.addFailure("ended with status 1")
        tally.addFailure("ended with status 1")
        #expect(
            tally.sentence(at: 1)
                == "hook: 3 skipped because it was busy or over --rate, 2 ended with status 1"
        )
        tally.addOverdue()
        #expect(tally.sentence(at: 2) == nil)
        #expect(tally.sentence(at: 2, isLast: true) == "hook: 1 ended after --time-limit")
    }

    @Test func delaysDoubleUpToFiveSeconds() {
        var backOff = BackOff()
        let delays = (0..<8).map { _ in backOff.take() }
        #expect(delays.prefix(3) == [.milliseconds(100), .milliseconds(200), .milliseconds(400)])
        #expect(delays.suffix(2) == [.seconds(5), .seconds(5)])
    }
}

@Suite struct WatchSummaryTests {
    private func summary(_ lines: [String]) throws -> WatchSummary {
        var summary = WatchSummary()
        for line in lines {
            summary.add(try JSONValue(parsing: Array(line.utf8), limits: JSONLimits(depth: 16)))
        }
        return summary
    }

    @Test func finalEstimatesAreCountedByLabel() throws {
        var summary = try summary([
            #"{"type":"estimate","final":true,"label":"angry","heard_ms":60000}"#,
            #"{"type":"estimate","final":false,"label":"angry","heard_ms":30000}"#,
            #"{"type":"estimate","final":true,"label":"sad","heard_ms":30000}"#,
            #"{"type":"estimate","final":true,"label":null,"heard_ms":6000}"#,
            #"{"type":"overrun","samples":8000}"#, #"{"type":"gap","dropped":4}"#, #"{"type":"new"}"#,
        ])
        summary.pass(120, isOpen: true)
        summary.pass(60, isOpen: false)
        #expect(summary.utterances == 3 && summary.speechSeconds == 96)
        #expect(
            summary.line == "speech 1.6 min in 3 utterances: angry 1 (1.0 min), sad 1 (0.5 min), "
                + "no label 1 (0.1 min); microphone open 2.0 min of 3.0 min; lost 0.5 s; missed 4 messages"
        )
    }

    @Test func aQuietHourIsALineToo() throws {
        let line = try summary([]).line
        #expect(line.hasPrefix("speech 0.0 min in 0 utterances; microphone open 0.0 min of 0.0 min"))
    }

    @Test func asJSONItHasATypeAndItsTimes() throws {
        let text = try summary([#"{"type":"estimate","final":true,"label":"sad","heard_ms":1500}"#]).json(
            from: 0,
            to: 3_600_000_000_000
        )
        let value = try JSONValue(parsing: Array(text.utf8), limits: JSONLimits(depth: 16))
        #expect(value["type"]?.string == "summary")
        #expect(value["to"]?.string == "1970-01-01T01:00:00.000Z")
        let labels = try #require(value["labels"]?.array)
        #expect(labels.count == 1 && labels[0]["label"]?.string == "sad")
        #expect(labels[0]["speech_s"]?.number == 1.5)
    }
}
