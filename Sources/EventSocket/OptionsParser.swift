// SPDX-License-Identifier: Apache-2.0
import PlainText
import Spelling

/// Parses and checks the fields of `subscribe`.
struct OptionsParser {
    let modelLabels: [String]
    let modelAttributes: [String]

    func parse(_ members: [String: JSONValue]) throws(RequestError) -> SubscriptionOptions {
        var options = SubscriptionOptions()
        if let value = present(members["events"]) { options.kinds = Set(try words(value, field: "events")) }
        if let value = present(members["mode"]) { options.mode = try word(value, field: "mode") }
        if let value = present(members["max_hz"]) {
            options.maximumHz = try number(value, field: "max_hz", 0.001...1_000)
        }
        if let value = present(members["min_conf"]) {
            options.minimumConfidence = try number(value, field: "min_conf", 0...1)
        }
        if let value = present(members["labels"]) { options.labels = try labels(value) }
        if let value = present(members["snapshot"]) {
            options.wantsSnapshot = try flag(value, field: "snapshot")
        }
        if let value = present(members["queue"]) { try queue(value, into: &options) }
        if let value = present(members["name"]) { options.name = try name(value) }
        if let value = present(members["delta"]) { options.delta = try delta(value) }
        return options
    }

    /// Returns nil for an explicit null, as for an absent field.
    private func present(_ value: JSONValue?) -> JSONValue? { value == .null ? nil : value }

    private func queue(_ value: JSONValue, into options: inout SubscriptionOptions) throws(RequestError) {
        guard value.object != nil else { throw refusal("queue must be an object, not \(value.kind)") }
        if let maximum = present(value["max"]) {
            guard let count = maximum.integer, (1...4_096).contains(count) else {
                throw refusal("queue.max must be a whole number from 1 to 4096")
            }
            options.queueMaximum = count
        }
        if let policy = present(value["policy"]) {
            options.queuePolicy = try word(policy, field: "queue.policy")
        }
    }

    private func delta(_ value: JSONValue) throws(RequestError) -> Double {
        guard !modelAttributes.isEmpty else {
            throw refusal(
                "delta needs a model with dimensions; this model has none",
                "see hello.model.dims"
            )
        }
        return try number(value, field: "delta", 0.01...2)
    }

    private func labels(_ value: JSONValue) throws(RequestError) -> [String] {
        guard let elements = value.array else { throw refusal("labels must be an array, not \(value.kind)") }
        var labels: [String] = []
        for element in elements {
            guard let label = element.string else {
                throw refusal("labels must hold text, not \(element.kind)")
            }
            guard modelLabels.contains(label) else {
                let nearest = nearestWord(to: label, among: modelLabels)
                throw refusal(
                    "unknown label '\(label.prefix(64))'",
                    nearest.map { "did you mean '\($0)'?" } ?? "see hello.model.labels"
                )
            }
            labels.append(label)
        }
        return labels
    }

    private func name(_ value: JSONValue) throws(RequestError) -> String {
        // Bytes, since one character may have thousands of them; no characters that control a terminal.
        guard let name = value.string, name.utf8.count <= 64,
            !name.unicodeScalars.contains(where: \.isHidden)
        else {
            throw refusal("name must be text of at most 64 bytes without control or invisible characters")
        }
        return name
    }
}

extension OptionsParser {
    private func words<Word: RawRepresentable<String> & CaseIterable>(
        _ value: JSONValue,
        field: String
    ) throws(RequestError) -> [Word] {
        guard let elements = value.array else {
            throw refusal("\(field) must be an array, not \(value.kind)")
        }
        var words: [Word] = []
        for element in elements { words.append(try word(element, field: field)) }
        return words
    }

    private func word<Word: RawRepresentable<String> & CaseIterable>(
        _ value: JSONValue,
        field: String
    ) throws(RequestError) -> Word {
        guard let text = value.string else { throw refusal("\(field) must be text, not \(value.kind)") }
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue)
        let nearest = nearestWord(to: text, among: known)
        throw refusal(
            "\(field): unknown value '\(text.prefix(64))'",
            nearest.map { "did you mean '\($0)'?" } ?? "known: " + known.joined(separator: ", ")
        )
    }

    private func number(
        _ value: JSONValue,
        field: String,
        _ range: ClosedRange<Double>
    ) throws(RequestError) -> Double {
        guard let number = value.number, range.contains(number) else {
            throw refusal("\(field) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func flag(_ value: JSONValue, field: String) throws(RequestError) -> Bool {
        guard let flag = value.bool else {
            throw refusal("\(field) must be true or false, not \(value.kind)")
        }
        return flag
    }

    private func refusal(_ message: String, _ hint: String? = nil) -> RequestError {
        RequestError(code: .badFilter, message: message, hint: hint)
    }
}
