// SPDX-License-Identifier: Apache-2.0
import EventSocket
import TestSupport
import Testing

@Suite struct RequestParserTests {
    private static let labels = ["neutral", "happy", "sad"]

    private func parse(_ text: String, _ role: SocketRole = .events) throws(RequestError) -> NumberedRequest {
        try RequestParser(role: role, modelLabels: Self.labels).parse(Array(text.utf8))
    }

    @Test func subscribeWithoutFieldsMeansEverything() throws {
        let request = try parse(#"{"type":"subscribe"}"#)
        #expect(request.id == nil && request.request == .subscribe(SubscriptionOptions()))
    }

    @Test func everyFieldOfSubscribeIsRead() throws {
        let text = """
            {"type":"subscribe","id":7,"events":["estimate","state"],"mode":"change","max_hz":2.5,"min_conf":0.5,\
            "labels":["sad"],"snapshot":true,"queue":{"max":9,"policy":"latest"},"name":"lamp"}
            """
        var options = SubscriptionOptions()
        options.kinds = [.estimate, .state]
        options.mode = .change
        options.maximumHz = 2.5
        options.minimumConfidence = 0.5
        options.labels = ["sad"]
        options.wantsSnapshot = true
        options.queueMaximum = 9
        options.queuePolicy = .latest
        options.name = "lamp"
        let request = try parse(text)
        #expect(request.id == 7 && request.request == .subscribe(options))
    }

    @Test func unknownFieldsAndNullsAreIgnored() throws {
        let request = try parse(
            #"{"type":"subscribe","future":{"a":[1]},"mode":null,"max_hz":null,"id":null}"#
        )
        #expect(request.request == .subscribe(SubscriptionOptions()))
    }

    @Test(arguments: ["9007199254740993", "9223372036854775807", "-9223372036854775808", "0", "1e3", "5.0"])
    func anIdComesBackAsItWas(_ text: String) throws {
        let request = try parse(#"{"a":[{"id":3}],"id": \#(text) ,"type":"unsubscribe","sub":"s1"}"#)
        #expect(request.id == Int(text) ?? Int(Double(text) ?? 0))
    }

    @Test(arguments: ["9223372036854775808", "1e300", "1.5", "\"7\""]) func anIdThatDoesNotFitIsRefused(
        _ text: String
    ) {
        let error = #expect(throws: RequestError.self) {
            try parse(#"{"type":"unsubscribe","sub":"s1","id":\#(text)}"#)
        }
        #expect(error?.code == .badRequest && error?.message.hasPrefix("id must be a whole number") == true)
    }

    @Test func aHoldHasANameAndMayEndWithItsConnection() throws {
        #expect(try parse(#"{"type":"mute"}"#, .control).request == .command(.mute()))
        let request = MuteRequest(hold: "assistant", isWhileConnected: true)
        #expect(
            try parse(#"{"type":"mute","hold":"assistant","while_connected":true}"#, .control).request
                == .command(.mute(request))
        )
        #expect(
            try parse(#"{"type":"unmute","hold":"assistant"}"#, .control).request
                == .command(.unmute(hold: "assistant"))
        )
        for wrong in [#""hold":"""#, #""hold":7"#, #""hold":"\u0007""#, #""while_connected":1"#] {
            #expect(throws: RequestError.self) { try parse(#"{"type":"mute",\#(wrong)}"#, .control) }
        }
    }

    @Test func theOtherVerbsAreReadOnTheirSockets() throws {
        #expect(try parse(#"{"type":"unsubscribe","sub":"s2"}"#).request == .unsubscribe("s2"))
        #expect(try parse(#"{"type":"status","id":1}"#, .control).request == .status)
    }

    @Test(arguments: [
        (#"{"type":"subscribe","events":["estimte"]}"#, "did you mean 'estimate'?"),
        (#"{"type":"subscribe","mode":"hops"}"#, "did you mean 'hop'?"),
        (#"{"type":"subscribe","mode":"everything"}"#, "known: hop, change, final"),
        (#"{"type":"subscribe","labels":["hapy"]}"#, "did you mean 'happy'?"),
        (#"{"type":"subscribe","labels":["joy"]}"#, "see hello.model.labels"),
        (#"{"type":"subscribe","queue":{"policy":"drop-oldest"}}"#, "did you mean 'drop_oldest'?"),
        (#"{"type":"subscribe","delta":0.1}"#, "see hello.model.dims"),
    ])
    func anUnknownValueIsRefusedWithTheNearestKnown(_ text: String, _ hint: String) {
        let error = #expect(throws: RequestError.self) { try parse(text) }
        #expect(error?.code == .badFilter && error?.hint == hint)
    }

    @Test(arguments: [
        #""events":"estimate""#, #""events":[1]"#, #""mode":1"#, #""max_hz":0"#, #""max_hz":-1"#,
        #""max_hz":1001"#,
        #""max_hz":"4""#, #""min_conf":1.1"#, #""min_conf":-0.1"#, #""labels":"sad""#, #""labels":[null]"#,
        #""snapshot":1"#, #""queue":64"#, #""queue":{"max":0}"#, #""queue":{"max":4097}"#,
        #""queue":{"max":1.5}"#,
        #""queue":{"max":true}"#, #""name":7"#, #""name":"a\u001b[2J""#, #""name":"a\nb""#,
        #""name":"e\#(String(repeating: "\u{301}", count: 40))""#,
        "\"name\":\"\(String(repeating: "n", count: 65))\"",
    ])
    func aValueOfTheWrongKindOrRangeIsRefused(_ field: String) {
        let error = #expect(throws: RequestError.self) {
            try parse(#"{"type":"subscribe","id":3,\#(field)}"#)
        }
        #expect(error?.code == .badFilter && error?.id == 3)
    }

    @Test(arguments: [
        "", "x", "[]", "1", "null", "{}", #"{"type":1}"#, #"{"type":"subscribe","id":"a"}"#, #"{"id":1.5}"#,
    ])
    func aLineThatIsNotARequestIsRefused(_ text: String) {
        let error = #expect(throws: RequestError.self) { try parse(text) }
        #expect(error?.code == .badRequest)
    }

    @Test(arguments: [
        ("subscibe", SocketRole.events, "did you mean 'subscribe'?"),
        ("status", .events, "'status' belongs to the control socket"),
        ("subscribe", .control, "'subscribe' belongs to the events socket"),
        (
            "reboot", .control,
            "known here: status, clients, devices, use_device, mute, unmute, lock_mute, reset, reload, set"
        ),
    ])
    func anUnknownVerbIsRefusedWithHelp(_ verb: String, _ role: SocketRole, _ hint: String) {
        let error = #expect(throws: RequestError.self) { try parse(#"{"type":"\#(verb)"}"#, role) }
        #expect(error?.code == .unknownVerb && error?.hint == hint)
    }

    @Test func noBytesTrapIt() {
        var random = SeededRandom(seed: 5)
        var refusedCount = 0
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...64, using: &random)
            let bytes = (0..<length).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
            do {
                _ = try RequestParser(role: .events, modelLabels: Self.labels).parse(bytes)
            } catch {
                refusedCount += 1
            }
        }
        #expect(refusedCount == 20_000)
    }
}
