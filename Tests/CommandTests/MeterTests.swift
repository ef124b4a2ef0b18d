// SPDX-License-Identifier: Apache-2.0
import EventSocket
import TestSupport
import Testing
import undertone

/// The screen of the meter, and its updates with few bytes.
@Suite struct MeterTests {
    private static let labels = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"]
    private static let isWide: @Sendable (Character) -> Bool = { $0.columnCount == 2 }

    private static func reading(device: String = "pulse:alsa_input.usb-Jabra", dims: [String] = []) throws
        -> MeterReading
    {
        var reading = MeterReading(labels: labels, attributes: dims, model: "undertone-default")
        let lines = [
            #"{"type":"snapshot","state":{"capture":"open","muted":false,"device":"\#(device)"},"last":null}"#,
            #"{"type":"level","level_db":-30,"peak_db":-12,"clip":false,"speech_p":0.93,"t":61.25}"#,
            #"{"type":"vad","speech":true,"t":60}"#,
            #"{"type":"estimate","utt":1,"final":false,"span":[60,61.25],"label":"angry","conf":0.91,"#
                + #""p":{"neutral":0.01,"happy":0.02,"sad":0,"angry":0.91,"fearful":0.02,"disgusted":0.03,"surprised":0.01},"#
                + #""dims":{"arousal":0.5,"valence":-1},"heard_ms":1200,"stable":{"label":"angry","for_ms":750},"#
                + #""quality":{"level_db":-30,"snr_db":20,"clip":false},"lag_ms":5.4}"#,
            #"{"type":"overrun","samples":320,"total":1280,"t":60}"#,
        ]
        for line in lines { reading.step(try ConditionWatchTests.message(line), at: 0) }
        return reading
    }

    private static func screen(_ reading: MeterReading, _ columns: Int, _ rows: Int, at now: Double = 0)
        -> Screen
    {
        MeterLayout(isUnicode: true).screen(reading, now: now, columnCount: columns, rowCount: rows)
    }

    @Test func aLargeWindowShowsEverything() throws {
        let text = Self.screen(try Self.reading(dims: ["arousal", "valence"]), 80, 24).text.joined(
            separator: "\n"
        )
        for part in [
            "open", "pulse:alsa_input.usb-Jabra", "undertone-default", "level", "-30.0", "speech", "0.93",
            "neutral",
            "surprised", "arousal", "0.50", "valence", "-1.00", "angry 0.91 for 0.8 s (1.2 s)", "lag 5 ms",
            "lost 1280",
            "missed 0", "01:01.2", "q quits",
        ] {
            #expect(text.contains(part), "\(part) in\n\(text)")
        }
    }

    @Test func aSmallWindowKeepsWhatMattersMost() throws {
        let text = Self.screen(try Self.reading(), 20, 5).text
        #expect(text.count == 5)
        #expect(text[0].hasPrefix("open") && text[1].hasPrefix("level") && text[2].hasPrefix("speech"))
        #expect(text[3].hasPrefix("now") && text[3].contains("angry 0.91"))
        #expect(text[4].hasPrefix("lag 5 ms  lost 1280"))
        #expect(try Self.screen(Self.reading(), 20, 1).text[0].hasPrefix("open"))
    }

    @Test(arguments: ["pulse:mic", "pulse:日本語のマイク", "alsa:🎤🎙️ é\u{301}e", "a\u{1B}[31mb\u{7}\nc\u{202E}d"])
    func noRowIsEverWiderThanTheWindow(device: String) throws {
        let escaped = device.unicodeScalars.map {
            $0.value < 32 ? "\\u00" + ($0.value < 16 ? "0" : "") + String($0.value, radix: 16) : String($0)
        }
        let reading = try Self.reading(device: escaped.joined(), dims: ["arousal"])
        for columns in [1, 2, 3, 5, 7, 19, 20, 40, 79, 80, 200] {
            for rows in 1...26 {
                let screen = Self.screen(reading, columns, rows)
                #expect(screen.rows.count == rows)
                for row in screen.rows {
                    #expect(row.count == columns)
                    #expect(
                        row.reduce(0) { $0 + ($1.character?.columnCount ?? 0) } == columns,
                        "\(columns)×\(rows)"
                    )
                    #expect(!row.contains { $0.character?.isControl == true })
                }
            }
        }
    }

    @Test func paintingOnlyTheChangesGivesTheSameAsACompleteRedraw() throws {
        var random = SeededRandom(seed: 5)
        var painter = ScreenPainter(hasColor: true)
        var (columns, rows) = (80, 24)
        var terminal = TerminalScreen(columns: columns, rows: rows, isWide: Self.isWide)
        let devices = ["pulse:mic", "pulse:日本語のマイク", "日a本b語", "🎤"]
        for step in 0..<400 {
            var reading = try Self.reading(
                device: devices.randomElement(using: &random) ?? "",
                dims: ["arousal"]
            )
            reading.levelDecibels = Double.random(in: -120...0, using: &random)
            reading.probabilities = Self.labels.map { _ in Double.random(in: 0...1, using: &random) }
            if step % 37 == 36 {
                (columns, rows) = (
                    Int.random(in: 1...100, using: &random), Int.random(in: 1...30, using: &random)
                )
                terminal.resize(columns: columns, rows: rows)
            }
            let screen = Self.screen(reading, columns, rows, at: Double(step) / 150)
            terminal.write(painter.paint(screen))
            #expect(terminal.text == screen.text, "step \(step), \(columns)×\(rows)")
        }
        #expect(terminal.unknown.isEmpty && terminal.overflow == 0 && terminal.usedStyles)
    }

    @Test func anUnchangedScreenTakesNoBytesAndANewLevelTakesFew() throws {
        var painter = ScreenPainter(hasColor: true)
        var reading = try Self.reading()
        let whole = painter.paint(Self.screen(reading, 80, 24)).utf8.count
        #expect(painter.paint(Self.screen(reading, 80, 24)).isEmpty)
        reading.levelDecibels = -27
        let change = painter.paint(Self.screen(reading, 80, 24)).utf8.count
        #expect((1...80).contains(change) && whole > 500, "\(change) of \(whole)")
    }

    @Test func withoutColourNothingIsEmphasised() throws {
        var painter = ScreenPainter(hasColor: false)
        var terminal = TerminalScreen(columns: 80, rows: 24, isWide: Self.isWide)
        terminal.write(painter.paint(Self.screen(try Self.reading(), 80, 24)))
        #expect(!terminal.usedStyles && terminal.text[0].hasPrefix("open"))
    }

    @Test func withoutUnicodeEverythingIsASCII() throws {
        let screen = MeterLayout(isUnicode: false).screen(
            try Self.reading(dims: ["arousal"]),
            now: 0,
            columnCount: 80,
            rowCount: 24
        )
        #expect(!screen.text.joined().contains { !$0.isASCII })
        #expect(screen.text.contains { $0.hasPrefix("angry") && $0.contains("####") })
    }

    @Test func aPeakIsHeldAndThenFalls() throws {
        let reading = try Self.reading()
        #expect(reading.heldPeakDecibels(at: 1.5) == -12)
        #expect(reading.heldPeakDecibels(at: 2) == -22)
        #expect(reading.heldPeakDecibels(at: 100) == -120)
    }

    @Test func clippingIsShownForTwoSeconds() throws {
        var reading = try Self.reading()
        let loud = #"{"type":"level","level_db":-1,"peak_db":0,"clip":true,"speech_p":0.5,"t":62}"#
        reading.step(try ConditionWatchTests.message(loud), at: 10)
        #expect(Self.screen(reading, 80, 24, at: 11.9).text.contains { $0.hasSuffix("CLIP") })
        #expect(!Self.screen(reading, 80, 24, at: 12).text.contains { $0.hasSuffix("CLIP") })
    }

    @Test(arguments: ["muted", "lost", "stalled"])
    func oldValuesDoNotLookLive(state: String) throws {
        var reading = try Self.reading()
        reading.step(
            try ConditionWatchTests.message(#"{"type":"state","capture":"\#(state)","t":62}"#),
            at: 1
        )
        let text = Self.screen(reading, 80, 24, at: 1).text
        #expect(text[0].hasPrefix(state))
        #expect(
            text.allSatisfy { !$0.contains("█") }
                && text.contains { $0.hasPrefix("now") && $0.contains("no speech") }
        )
        reading.disconnect(reason: "shutdown")
        #expect(Self.screen(reading, 80, 24, at: 2).text[0].hasPrefix("no daemon (shutdown)"))
    }

    @Test func aSilentDaemonLooksDifferentFromASilentRoom() throws {
        let reading = try Self.reading()
        #expect(Self.screen(reading, 80, 24, at: 2).text[0].hasPrefix("open"))
        let text = Self.screen(reading, 80, 24, at: 5).text
        #expect(text[0] == "no news from the daemon for 5 s" && !text.joined().contains("█"))
        #expect(MeterLayout(isUnicode: true).line(reading, now: 5) == text[0])
    }

    @Test func anotherModelHasItsOwnLabels() throws {
        var reading = try Self.reading()
        let hello =
            #"{"type":"hello","model":{"id":"other","labels":["calm","tense"],"dims":{"arousal":[-1,1]}}}"#
        reading.step(try ConditionWatchTests.message(hello), at: 1)
        let text = Self.screen(reading, 80, 24, at: 1).text
        #expect(text[0].hasSuffix("other") && text.contains { $0.hasPrefix("tense") })
        #expect(text.contains { $0.hasPrefix("arousal") } && !text.contains { $0.hasPrefix("angry") })
    }

    @Test func theLineForAPipeHasTheSameValues() throws {
        let line = MeterLayout(isUnicode: false).line(try Self.reading(), now: 0)
        #expect(line.hasPrefix("01:01.2  open  level -30.0 dB  peak -12.0 dB  speech 0.93  angry 0.91"))
        #expect(!line.contains("\n"))
    }

    @Test func messagesOfUnknownShapeDoNoHarm() throws {
        var reading = try Self.reading()
        for line in [
            #"{}"#, #"{"type":"level","level_db":"x"}"#, #"{"type":"estimate","utt":1,"p":[]}"#,
            #"{"type":"state"}"#,
        ] {
            reading.step(try ConditionWatchTests.message(line), at: 1)
        }
        #expect(Self.screen(reading, 80, 24, at: 1).text[0].hasPrefix("unknown"))
    }
}
