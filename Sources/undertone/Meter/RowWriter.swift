// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime

/// Writes the rows of the meter: a name, a number, and a bar over the remaining columns.
struct RowWriter {
    /// The bottom of the level's bar; the top is full scale.
    private static let quietestDecibels = -60.0
    private static let figureColumns = 7

    let width: Int
    private let bars: BarStyle
    private let nameColumns: Int

    init(width: Int, bars: BarStyle, labels: [String]) {
        self.width = width
        self.bars = bars
        let widest = labels.map { $0.reduce(0) { $0 + $1.columnCount } }.max() ?? 0
        // At most a third, to leave room for the bar.
        nameColumns = min(max(9, widest), max(5, width / 3)) + 1
    }

    func state(_ reading: MeterReading, _ now: Double) -> Line {
        var line = Line(width: width)
        if case .lost(let reason) = reading.link {
            line.add("no daemon", .alarm)
            line.add(" (\(reason)), trying again")
            return line
        }
        if let silence = reading.silenceSeconds(at: now) {
            line.add("no news", .alarm)
            line.add(" from the daemon for \(Plain.number(silence, 0)) s")
            return line
        }
        let style: TextStyle =
            switch reading.capture {
            case "open": .good
            case "lost", "no_device", "stalled": .alarm
            default: .warning
            }
        line.add(reading.capture, style)
        line.add("  " + (reading.device ?? "unknown device"))
        line.add("  " + reading.model, .dim)
        return line
    }

    func level(_ reading: MeterReading, _ now: Double) -> Line {
        let isClipping = reading.isClipping(at: now)
        var line = head("level", reading.levelDecibels.map { Plain.number($0, 1) })
        let room = line.room - (line.room > 10 ? 5 : 0)
        let style: TextStyle =
            isClipping ? .alarm : (reading.peakDecibels ?? -120) > -6 ? .warning : .good
        let peak = reading.levelDecibels == nil ? nil : reading.heldPeakDecibels(at: now)
        bars.add(
            share(reading.levelDecibels),
            mark: peak.map { share($0) },
            columns: room,
            style,
            to: &line
        )
        line.add(isClipping ? " CLIP" : "", .alarm)
        return line
    }

    func speech(_ reading: MeterReading) -> Line {
        var line = head("speech", reading.speechProbability.map { Plain.number($0, 2) })
        bars.add(
            reading.speechProbability ?? 0,
            mark: nil,
            columns: line.room,
            reading.isSpeech ? .good : .dim,
            to: &line
        )
        return line
    }

    func label(_ reading: MeterReading, _ index: Int) -> Line {
        let value = index < reading.probabilities.count ? reading.probabilities[index] : nil
        let isTop = reading.current?.label == reading.labels[index]
        var line = head(reading.labels[index], value.map { Plain.number($0, 2) }, isTop ? .bold : .plain)
        bars.add(value ?? 0, mark: nil, columns: line.room, isTop ? .bold : .plain, to: &line)
        return line
    }

    func attribute(_ reading: MeterReading, _ index: Int) -> Line {
        let value = index < reading.attributeValues.count ? reading.attributeValues[index] : nil
        var line = head(reading.attributes[index], value.map { Plain.number($0, 2) })
        bars.addScale(value, columns: line.room, to: &line)
        return line
    }

    func current(_ reading: MeterReading) -> Line {
        var line = Line(width: width)
        line.add("now", columns: nameColumns)
        line.add(reading.current.map(Self.words) ?? "no speech", reading.current == nil ? .dim : .bold)
        return line
    }

    func last(_ reading: MeterReading) -> Line {
        var line = Line(width: width)
        line.add("last", columns: nameColumns)
        line.add(reading.last.map(Self.words) ?? "-")
        return line
    }

    func counters(_ reading: MeterReading) -> Line {
        var line = Line(width: width)
        let lag = reading.lagMilliseconds.map { Plain.number($0, 0) + " ms" } ?? "-"
        line.add("lag \(lag)  ")
        line.add("lost \(reading.lostSamples)", reading.lostSamples > 0 ? .alarm : .plain)
        line.add("  missed \(reading.missedMessages)", reading.missedMessages > 0 ? .warning : .plain)
        line.add("  " + Plain.time(reading.audioSeconds))
        line.add("  q quits", .dim)
        return line
    }

    /// `angry 0.91 for 1.2 s (2.3 s)`: label, confidence, time as top label, duration of the speech analysed.
    static func words(_ verdict: MeterReading.Verdict) -> String {
        let heard = " (" + Plain.number(verdict.heardSeconds, 1) + " s)"
        guard let label = verdict.label else { return "no label: " + verdict.reason + heard }
        let stable = verdict.stableSeconds.map { " for " + Plain.number($0, 1) + " s" } ?? ""
        return label + " " + Plain.number(verdict.confidence, 2) + stable + heard
    }

    private func head(_ name: String, _ figure: String?, _ style: TextStyle = .plain) -> Line {
        var line = Line(width: width)
        line.add(name, columns: nameColumns, style)
        line.add(figure ?? "-", columns: Self.figureColumns, isNumber: true, style)
        line.add(" ")
        return line
    }

    private func share(_ decibels: Double?) -> Double {
        decibels.map { 1 - min(0, max(Self.quietestDecibels, $0)) / Self.quietestDecibels } ?? 0
    }
}
