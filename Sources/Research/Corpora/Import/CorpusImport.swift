// SPDX-License-Identifier: Apache-2.0
public import AudioFiles
public import Foundation
import PlainText

/// Makes a corpus folder with a `manifest.csv` from a published corpus.
///
/// Recordings are linked, or copied on request; the originals are not changed.
public enum CorpusImport {
    /// Result of an import.
    public struct Result: Sendable, Hashable {
        /// Clips in the manifest.
        public var clips = 0
        /// Clips of each class.
        public var classes: [String: Int] = [:]
        /// Clips with none of the seven classes.
        public var unlabelled = 0
        /// Number of speakers.
        public var speakers = 0
        /// Recordings that could not be read, with the reason; they are not in the manifest.
        public var damaged: [String] = []
        /// Files that look like recordings and were not taken because of their kind.
        public var passedOver = PassedOver()
    }

    /// Imports the corpus in `source`, which has the given layout, into the folder `destination`.
    ///
    /// Everything is written to a temporary folder that then replaces `destination`, which must be empty or contain only the
    /// links of an earlier import of the same source.
    /// - Parameters:
    ///   - isOverwriting: true to replace another corpus at `destination`.
    ///   - notice: called with a sentence before one is replaced.
    /// - Throws: an error that names what differs from the published corpus, would be lost, or cannot be written.
    public static func run(
        _ layout: CorpusLayout,
        from source: URL,
        to destination: URL,
        rules: CorpusLayout.Rules = .init(),
        copies: Bool = false,
        isOverwriting: Bool = false,
        notice: (String) -> Void = { _ in }
    ) throws(CorporaError) -> Result {
        let place = try ImportPlace(destination, of: source)
        try place.check(isOverwriting: isOverwriting, notice)
        do throws(CorporaError) {
            let result = try makeCorpus(layout, from: source, to: place.temporary, rules, copies: copies)
            try place.finish(copies: copies)
            return result
        } catch {
            Leftovers.removeTree(place.temporary.path)
            throw error
        }
    }

    private static func makeCorpus(
        _ layout: CorpusLayout,
        from source: URL,
        to destination: URL,
        _ rules: CorpusLayout.Rules,
        copies: Bool
    ) throws(CorporaError) -> Result {
        let tree = try AudioTree(source)
        let clips = try layout.clips(in: tree, rules)
        var result = Result()
        result.passedOver = tree.passedOver
        var speakers: Set<String> = []
        let attributes = Attribute.allCases.filter { attribute in
            clips.contains { $0.attributes[attribute] != nil }
        }
        let hasAges = clips.contains { $0.age != nil }
        var lines = [header(hasAges: hasAges, hasVotes: clips.contains { $0.votes != nil }, attributes)]
        for clip in clips {
            let audio: AudioClip
            do {
                audio = try AudioClip(path: clip.file.path)
            } catch {
                result.damaged.append(error.description)
                continue
            }
            guard !audio.isTruncated, !audio.samples.isEmpty else {
                result.damaged.append("\(clip.file.path) is truncated or empty")
                continue
            }
            let seconds = Double(audio.samples.count) / Double(audio.sampleRate)
            let path = "audio/" + relativePath(of: clip.file, in: source)
            try place(clip.file, at: destination.appending(path: path), copies: copies)
            lines.append(
                line(
                    clip,
                    path: path,
                    seconds: seconds,
                    hasAges: hasAges,
                    hasVotes: lines[0].contains("votes_"),
                    attributes
                )
            )
            result.clips += 1
            if let speaker = clip.speaker { speakers.insert(speaker) }
            if let emotion = clip.emotion {
                result.classes[emotion.name, default: 0] += 1
            } else {
                result.unlabelled += 1
            }
        }
        result.speakers = speakers.count
        let file = destination.appending(path: "manifest.csv")
        do {
            try FileManager.default.createDirectory(at: destination, withIntermediateDirectories: true)
            try (lines.joined(separator: "\n") + "\n").write(to: file, atomically: true, encoding: .utf8)
        } catch {
            throw .unreadable(path: file.path, reason: reason(error))
        }
        return result
    }

    private static func header(hasAges: Bool, hasVotes: Bool, _ attributes: [Attribute]) -> String {
        let votes = hasVotes ? Emotion.allCases.map { "," + Manifest.votesColumn($0) }.joined() : ""
        return "path,speaker,sex,label,sentence,split,duration_s" + (hasAges ? ",age" : "") + votes
            + attributes.map { "," + $0.rawValue }.joined()
    }

    private static func line(
        _ clip: ImportedClip,
        path: String,
        seconds: Double,
        hasAges: Bool,
        hasVotes: Bool,
        _ attributes: [Attribute]
    ) -> String {
        let fields = [
            path, clip.speaker ?? "", clip.sex?.rawValue ?? "", clip.emotion?.name ?? "", clip.sentence ?? "",
            clip.split?.rawValue ?? "", "\((seconds * 1000).rounded() / 1000)",
        ]
        let votes =
            hasVotes
            ? Emotion.allCases.map { emotion in clip.votes.map { "\($0.counts[emotion.rawValue])" } ?? "" }
            : []
        let values = attributes.map { attribute in
            clip.attributes[attribute].map { "\(($0 * 10_000).rounded() / 10_000)" } ?? ""
        }
        let age = hasAges ? [clip.age.map(String.init) ?? ""] : []
        return (fields + age + votes + values).map(quoted).joined(separator: ",")
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { ",\"\n\r".contains($0) }) else { return field }
        return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
    }

    private static func relativePath(of file: URL, in folder: URL) -> String {
        let depth = folder.standardizedFileURL.pathComponents.count
        return file.standardizedFileURL.pathComponents.dropFirst(depth).joined(separator: "/")
    }

    /// Links or copies a recording; names need not be UTF-8.
    private static func place(_ file: URL, at destination: URL, copies: Bool) throws(CorporaError) {
        let path = destination.path
        makeFolders(above: path)
        _ = PathText.withPath(path) { unlink($0) }
        let target = file.absoluteURL.standardizedFileURL.path
        let isPlaced =
            copies
            ? copy(target, to: path)
            : PathText.withPath(target) { target in PathText.withPath(path) { symlink(target, $0) } } == 0
        guard isPlaced else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
    }

    private static func makeFolders(above path: String) {
        var folder = ""
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            _ = PathText.withPath(folder) { mkdir($0, 0o777) }
        }
    }

    private static func copy(_ source: String, to destination: String) -> Bool {
        let input = PathText.withPath(source) { open($0, O_RDONLY | O_CLOEXEC) }
        guard input >= 0 else { return false }
        defer { close(input) }
        let output = PathText.withPath(destination) {
            open($0, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        }
        guard output >= 0 else { return false }
        var block = [UInt8](repeating: 0, count: 1 << 18)
        var isWhole = true
        while isWhole, case let count = read(input, &block, block.count), count != 0 {
            isWhole = count > 0 && writeAll(block.prefix(count), to: output)
        }
        return close(output) == 0 && isWhole
    }

    private static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: CInt) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
