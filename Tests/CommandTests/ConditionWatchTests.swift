// SPDX-License-Identifier: Apache-2.0
import EventSocket
import Testing
import undertone

/// The messages of a daemon, and the moment at which a condition has held for long enough.
@Suite struct ConditionWatchTests {
    static func message(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    private func estimate(_ end: Double, _ label: String?, _ confidence: Double = 0.9, speech: Bool = true)
        -> String
    {
        let label = label.map { "\"\($0)\"" } ?? "null"
        return #"{"type":"estimate","utt":\#(speech ? "1" : "null"),"final":false,"span":[0,\#(end)],"#
            + #""label":\#(label),"conf":\#(confidence)}"#
    }

    private func vad(_ isSpeech: Bool, _ time: Double) -> String {
        #"{"type":"vad","speech":\#(isSpeech),"t":\#(time)}"#
    }

    private func state(_ word: String) -> String { #"{"type":"state","capture":"\#(word)","t":0}"# }

    /// The index of the first message with which `condition` had held; messages come a second apart.
    private func match(_ condition: WaitCondition, _ messages: [String]) throws -> Int? {
        var watch = ConditionWatch(condition)
        return try messages.indices.first { try watch.step(Self.message(messages[$0]), at: Double($0)) }
    }

    private func angry(for duration: Duration = .zero, minimum: Double = 0.7) -> WaitCondition {
        var condition = WaitCondition()
        condition.labels = ["angry"]
        condition.minimumConfidence = minimum
        condition.duration = duration
        return condition
    }

    @Test func oneSureEstimateIsEnoughForAMoment() throws {
        let lines = [
            estimate(1, nil), estimate(2, "sad"), estimate(3, "angry", 0.6), estimate(4, "angry", 0.7),
        ]
        #expect(try match(angry(), lines) == 3)
    }

    @Test func aConditionMustHoldWithoutABreak() throws {
        let held = [1, 1.25, 1.5, 1.75, 2].map { estimate($0, "angry") }
        #expect(try match(angry(for: .seconds(1)), held) == 4)
        let broken = [
            estimate(1, "angry"), estimate(1.5, "happy"), estimate(2, "angry"), estimate(2.75, "angry"),
            estimate(3, "angry"),
        ]
        #expect(try match(angry(for: .seconds(1)), broken) == 4)
    }

    @Test func timeIsMeasuredInAudioAndNotByTheMachine() throws {
        // The messages arrive a second apart; their audio positions are a tenth of a second apart.
        let lines = (0..<10).map { estimate(1 + Double($0) / 10, "angry") }
        #expect(try match(angry(for: .seconds(1)), lines) == nil)
    }

    @Test(arguments: [
        #"{"type":"overrun","samples":320}"#, #"{"type":"gap","dropped":3}"#,
        #"{"type":"state","capture":"stalled","t":1.6}"#, #"{"type":"hello","model":{}}"#,
    ])
    func aGapInTheAudioRestartsTheCount(hole: String) throws {
        let before = [estimate(1, "angry"), estimate(1.5, "angry")]
        let after = [estimate(2, "angry"), estimate(2.9, "angry"), estimate(3, "angry")]
        #expect(try match(angry(for: .seconds(1)), before + after) == 2)
        #expect(try match(angry(for: .seconds(1)), before + [hole] + after) == 5)
    }

    @Test func aFinalEstimateWhoseSpanEndsEarlierDoesNotRestartTheCount() throws {
        let lines = [
            estimate(1, "angry"), estimate(1.9, "angry"), estimate(1.5, "angry"), estimate(2, "angry"),
        ]
        #expect(try match(angry(for: .seconds(1)), lines) == 3)
    }

    @Test func speechAndSilenceAreTimedFromTheirBeginning() throws {
        var condition = WaitCondition()
        condition.isSpeech = true
        condition.duration = .seconds(1)
        let speech = [vad(true, 1.03), estimate(1.25, nil), estimate(2, nil), estimate(2.25, nil)]
        #expect(try match(condition, speech) == 3)
        condition.isSpeech = false
        let silence = [vad(false, 3), estimate(3.75, nil, speech: false), estimate(4, nil, speech: false)]
        #expect(try match(condition, speech + silence) == 6)
    }

    @Test func aStateThatIsAlreadyThereCounts() throws {
        var condition = WaitCondition()
        condition.capture = "muted"
        let snapshot = #"{"type":"snapshot","state":{"capture":"muted"},"last":null}"#
        #expect(try match(condition, [snapshot]) == 0)
        #expect(try match(condition, [state("open"), state("muted")]) == 1)
    }

    @Test func aStateThatLastsNeedsNoMessage() throws {
        var condition = WaitCondition()
        condition.capture = "muted"
        condition.duration = .seconds(2)
        var watch = ConditionWatch(condition)
        #expect(watch.remainingSeconds(at: 0) == nil)
        #expect(try !watch.step(Self.message(state("muted")), at: 1))
        #expect(watch.remainingSeconds(at: 1.5) == 1.5)
        #expect(try !watch.step(Self.message(estimate(9, "angry")), at: 2.9))
        #expect(try watch.step(Self.message(estimate(9, "angry")), at: 3))
        #expect(try !watch.step(Self.message(state("open")), at: 3.5))
        #expect(watch.remainingSeconds(at: 4) == nil)
    }

    @Test func theLastEstimateOfASnapshotDoesNotCount() throws {
        let snapshot =
            #"{"type":"snapshot","state":{"capture":"open"},"last":{"estimate":{"label":"angry","conf":0.99}}}"#
        #expect(try match(angry(), [snapshot]) == nil)
    }

    @Test func messagesOfUnknownShapeNeitherMatchNorDoHarm() throws {
        let strange = [
            #"{}"#, #"{"type":7}"#, #"{"type":"estimate"}"#,
            #"{"type":"estimate","span":"x","label":1,"conf":"y"}"#,
            #"{"type":"state"}"#, #"{"type":"vad","speech":3}"#, #"[]"#, #"null"#,
        ]
        #expect(try match(angry(), strange) == nil)
    }
}
