// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Choices of the individual workers, in the tables of the lab's corpora.
///
/// The vote is the major class, not the other classes that a worker may tick. Contempt and words that a worker added are
/// not votes.
enum WorkerTables {
    /// MSP-Podcast's labels_detailed.csv, a line for each worker and recording, by the recording's name: the class is
    /// in EmoClass_Major, in some releases in EmoDetail after the worker's name (`WORKER00001; Happy; Happy,Joy; A:4 ...`).
    static func podcast(_ file: URL) throws(CorporaError) -> [String: EmotionVotes] {
        let table = try CSVTable(file: file)
        let major = "EmoClass_Major"
        let detail = "EmoDetail"
        for column in ["FileName", table.columns.contains(detail) ? detail : major]
        where !table.columns.contains(column) {
            throw .malformed(file: table.file, line: 1, problem: "the column '\(column)' is missing")
        }
        return votes(
            table.rows.map { row in
                let parts = table.value(detail, in: row)?.split(separator: ";") ?? []
                return (
                    table.value("FileName", in: row) ?? "",
                    table.value(major, in: row) ?? parts.dropFirst().first.map(String.init) ?? ""
                )
            }
        )
    }

    /// MSP-Face's labels_detailed.json, by the video's name.
    static func face(_ file: URL) throws(CorporaError) -> [String: EmotionVotes] {
        do {
            let clips = try JSONDecoder().decode([String: Answers].self, from: Data(contentsOf: file))
            return votes(clips.flatMap { name, answers in answers.workers.map { (name, $0.emotion) } })
        } catch {
            throw .unreadable(
                path: file.path,
                reason: "it is not the published table of the workers' answers"
            )
        }
    }

    private struct Answers: Decodable {
        let workers: [Answer]

        private enum CodingKeys: String, CodingKey { case workers = "Workers" }
    }

    private struct Answer: Decodable {
        let emotion: String

        private enum CodingKeys: String, CodingKey { case emotion = "EmoClass_Major" }
    }

    private static func votes(_ answers: [(name: String, word: String)]) -> [String: EmotionVotes] {
        var counts: [String: [Emotion: Int]] = [:]
        for (name, word) in answers {
            guard let emotion = Emotion(word: word.trimmingCharacters(in: .whitespaces)) else { continue }
            counts[name, default: [:]][emotion, default: 0] += 1
        }
        return counts.compactMapValues(EmotionVotes.init)
    }
}
