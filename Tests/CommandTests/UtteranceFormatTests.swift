// SPDX-License-Identifier: Apache-2.0
import Testing
import undertone

@Suite struct UtteranceFormatTests {
    private let labels = ["neutral", "angry"]
    private let table = UtteranceTable(
        file: "talks/a, \"b\".wav",
        channel: 2,
        duration: 4_000,
        rows: [
            UtteranceRow(
                number: 1,
                start: 1,
                end: 2.5,
                label: "angry",
                probabilities: [0.25, 0.75],
                speechSeconds: 1.2,
                level: -20.25,
                voiceSeconds: 3
            ),
            UtteranceRow(
                number: 2,
                start: 3_661.5,
                end: 3_662,
                label: nil,
                reason: "too_short",
                speechSeconds: 0.3,
                level: -30
            ),
        ]
    )

    @Test func aRowWithoutLabelHasNoProbabilities() {
        let csv = UtteranceCSV(labels: labels)
        #expect(
            csv.header
                == "file,channel,utterance,start_s,end_s,label,why,conf,p_neutral,p_angry,speech_s,level_db,voice_s\n"
        )
        let lines = csv.text(table).split(separator: "\n")
        #expect(
            lines[0]
                == "\"talks/a, \"\"b\"\".wav\",2,1,1.000,2.500,angry,,0.7500,0.2500,0.7500,1.200,-20.3,3.0"
        )
        #expect(lines[1].hasSuffix(",2,2,3661.500,3662.000,,too_short,,,,0.300,-30.0,0.0"))
        #expect(
            UtteranceJSON(labels: labels).text(table).contains(
                "\"why\":\"too_short\",\"p\":null,\"conf\":null"
            )
        )
    }

    @Test func subtitlesCountHoursAndMilliseconds() {
        #expect(SubRip().text(table).contains("2\n01:01:01,500 --> 01:01:02,000\n(too_short)\n"))
        #expect(WebVTT().header == "WEBVTT\n\n")
        #expect(WebVTT().text(table).contains("00:00:01.000 --> 00:00:02.500\nangry 0.75\n"))
    }

    @Test func aTextGridCoversItsWholeRecording() {
        let text = TextGrid().text(table)
        #expect(text.contains("xmax = 4000.0000\ntiers? <exists>\nsize = 2\n"))
        #expect(text.contains("intervals: size = 5"))
        #expect(text.contains("text = \"(too_short)\""))
        let silent = TextGrid().text(UtteranceTable(file: "a.wav", duration: 0, rows: []))
        #expect(silent.contains("intervals: size = 1"))
    }

    @Test func aLineOfRTTMHasTenFieldsWhateverTheFileIsCalled() {
        let spaced = UtteranceTable(file: "/x/a b.wav", duration: 5, rows: table.rows)
        let lines = RTTM().text(spaced).split(separator: "\n")
        #expect(lines.allSatisfy { $0.split(separator: " ").count == 10 })
        #expect(lines[0] == "SPEAKER a_b 1 1.000 1.500 <NA> <NA> angry 0.7500 <NA>")
        #expect(lines[1].contains(" no_label <NA> <NA>"))
    }

    @Test func elanGetsFiveColumns() {
        let lines = (ELANTable().header + ELANTable().text(table)).split(separator: "\n")
        #expect(lines.allSatisfy { $0.split(separator: "\t").count == 5 })
        #expect(lines.last == "confidence\t1.000\t2.500\t1.500\t0.7500")
    }

    @Test func formatsComeSeparatedByCommas() throws {
        #expect(try UtteranceFormat.list("csv,srt,csv") == [.csv, .srt])
        let error = #expect(throws: UnknownFormat.self) { try UtteranceFormat.list("csv,word") }
        #expect(error?.description.contains("'word'") == true)
    }

    @Test func aNameCannotEndTheScriptOfAPage() {
        var page = TimelinePage(labels: labels)
        page.add(UtteranceTable(file: "</script><b>.wav", duration: 1, rows: []), Timeline())
        #expect(!page.html.contains("</script><b>"))
        #expect(page.html.hasPrefix(TimelinePage.mark))
        var drawing = TimelineDrawing(labels: labels)
        drawing.add(UtteranceTable(file: "a<b>&.wav", duration: 1, rows: []), Timeline())
        #expect(drawing.svg.contains("a&lt;b&gt;&amp;.wav"))
    }

    @Test func anHourOfSoundIsAFewHundredKilobytes() {
        var timeline = Timeline()
        let second = [Float](repeating: 0.5, count: 16_000)
        for _ in 0..<3_600 { timeline.add(second.span) }
        timeline.finish(duration: 3_600)
        #expect(timeline.peaks.count == 3_600 * Timeline.blocksPerSecond)
        var page = TimelinePage(labels: labels)
        page.add(UtteranceTable(file: "hour.wav", duration: 3_600, rows: []), timeline)
        #expect(page.html.utf8.count < 300_000)
    }
}
