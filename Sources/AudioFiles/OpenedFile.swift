// SPDX-License-Identifier: Apache-2.0
internal import CSndfile

/// A file, opened in the way that its container needs.
struct Opened {
    let sound: OpenSound
    var parts: ArraySlice<Range<Int64>> = []
    var foreign: ForeignDecoder?
    var isTruncated = false
    var knowsLength = true

    /// Opens the file behind `descriptor`, which the caller still owns.
    ///
    /// - Throws: the reason why the file cannot be read.
    static func file(
        _ descriptor: CInt,
        size: Int64,
        path: String,
        usesFFmpeg: Bool
    ) throws(AudioFileError) -> Opened {
        let source = FileBytes(descriptor: descriptor, size: size)
        let container = AudioContainer(source)
        if let container, container.isForeign {
            return try foreign(container, descriptor, path: path, usesFFmpeg: usesFFmpeg)
        }
        let plan = SoundPlan(container, in: source, descriptor: descriptor)
        if let opened = open(plan, descriptor, size) {
            if let reason = objection(to: opened.sound.header) {
                throw AudioFileError(reason: reason, path: path)
            }
            return opened
        }
        let detail = OpenSound.refusal
        // A codec that libsndfile lacks, in a container that it supports.
        if let container, usesFFmpeg, ForeignDecoder.isInstalled,
            let opened = try? foreign(container, descriptor, path: path, usesFFmpeg: true)
        {
            return opened
        }
        throw AudioFileError(reason: .notAudio(detail: detail), path: path)
    }

    private static func foreign(
        _ container: AudioContainer,
        _ descriptor: CInt,
        path: String,
        usesFFmpeg: Bool
    ) throws(AudioFileError) -> Opened {
        guard usesFFmpeg, let decoder = ForeignDecoder(descriptor) else {
            throw AudioFileError(reason: .needsFFmpeg(container), path: path)
        }
        guard let sound = decoder.open() else {
            let detail = decoder.complaint() ?? "ffmpeg finds no sound in it"
            throw AudioFileError(reason: .undecodable(detail: detail), path: path)
        }
        if let reason = objection(to: sound.header) { throw AudioFileError(reason: reason, path: path) }
        return Opened(sound: sound, foreign: decoder, knowsLength: false)
    }

    private static func open(_ plan: SoundPlan, _ descriptor: CInt, _ size: Int64) -> Opened? {
        func window(_ start: Int64, _ length: Int64, _ patches: [FileWindow.Patch] = []) -> FileWindow {
            FileWindow(descriptor: descriptor, start: start, length: length, patches: patches)
        }
        var parts: ArraySlice<Range<Int64>> = []
        let sound: OpenSound? =
            switch plan.way {
            case .asItIs: OpenSound(descriptor: descriptor)
            case .samples(let region, let length):
                OpenSound(
                    window(region.start, length - length % Int64(max(1, region.frameByteCount))),
                    samples: region
                )
            case .corrected(let patches): OpenSound(window(0, size, patches))
            case .piped(let patches):
                FilePipe(descriptor: descriptor, size: size, patches: patches).flatMap {
                    OpenSound(descriptor: $0.readEnd, owner: $0)
                }
            case .parts(let links):
                OpenSound(window(links[0].lowerBound, links[0].upperBound - links[0].lowerBound))
            }
        if case .parts(let links) = plan.way { parts = links.dropFirst() }
        guard let sound else { return nil }
        return Opened(
            sound: sound,
            parts: parts,
            isTruncated: plan.isTruncated,
            knowsLength: plan.knowsLength && parts.isEmpty
        )
    }
}
