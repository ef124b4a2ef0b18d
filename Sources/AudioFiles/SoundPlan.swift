// SPDX-License-Identifier: Apache-2.0
internal import CSndfile

/// The way to open a file so that every sample in it is read, whatever its header says.
struct SoundPlan {
    enum Way {
        /// Leave it to libsndfile.
        case asItIs
        /// The samples without their header.
        case samples(SoundRegion, length: Int64)
        /// Replace the bytes that are wrong in the header.
        case corrected([FileWindow.Patch])
        /// Read sequentially through a pipe, with the wrong bytes in the header replaced.
        case piped([FileWindow.Patch])
        /// One part after the other.
        case parts([Range<Int64>])
    }

    var way = Way.asItIs
    /// True if the header declares more samples than the file has.
    var isTruncated = false
    /// False if libsndfile only guesses the length.
    var knowsLength = true

    init(_ container: AudioContainer?, in source: FileBytes, descriptor: CInt) {
        let size = source.size ?? 0
        switch container {
        case .wav, .rf64, .wave64, .aiff, .au, .caf:
            container.map { planRegion($0, source, size) }
        case .ogg:
            let links = OggChain.links(in: source, size: size)
            if links.count > 1 { way = .parts(links) }
            isTruncated = lastOggPageIsMissing(descriptor)
        case .mpeg: planMPEG(source, size)
        case .flac:
            let starts = [0] + FLACChain.starts(in: source)
            if starts.count > 1 { way = .parts(zip(starts, starts.dropFirst() + [size]).map { $0..<$1 }) }
        default: break
        }
    }

    private mutating func planRegion(_ container: AudioContainer, _ source: FileBytes, _ size: Int64) {
        guard let region = SoundRegion(container, in: source) else { return }
        let (length, isShort) = region.extent(in: source)
        isTruncated = isShort
        guard region.declared != length else { return }
        if region.coding != nil {
            way = .samples(region, length: length)
        } else if let place = region.lengthPlace, length <= UInt32.max {
            way = .corrected([.init(place: place, bytes: littleEndianWord(UInt32(length)))])
        }
    }

    /// The header of joined MP3 files counts only the frames of the first, and the decoder would stop there.
    private mutating func planMPEG(_ source: FileBytes, _ size: Int64) {
        let stated = MPEGFrame.length(in: source)
        guard let stated, stated.frames != nil else {
            // libsndfile would guess the length from the first frames, and stop there.
            knowsLength = false
            return way = .piped([])
        }
        // A tag after the sound may hold a cover picture. A second recording starts with sound frames, possibly after its own
        // tag.
        guard let bytes = stated.bytes, size - stated.start > bytes + 512 else { return }
        var next = stated.start + bytes
        let head = source.bytes(at: next, count: 10)
        if let tag = MPEGFrame.tagLength(head) { next += tag } else if isTrailer(head) { return }
        guard MPEGFrame.follows(in: source, around: next)
        else { return }
        knowsLength = false
        way = .piped([.init(place: stated.mark, bytes: [0, 0, 0, 0])])
    }
}

private func littleEndianWord(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
