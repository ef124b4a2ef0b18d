// SPDX-License-Identifier: Apache-2.0

/// Source in the form that users write:
///
/// | text | source |
/// |---|---|
/// | `default` | the default source of the PulseAudio server, or ALSA's default if no server answers |
/// | `pulse`, `pulse:NAME` | PulseAudio or PipeWire, its default or a named source |
/// | `alsa:NAME` | an ALSA device, `alsa:plughw:CARD=PCH,DEV=0` for example |
/// | `file:PATH` | an audio file |
/// | `stdin` | WAV, FLAC, Ogg, Opus, MP3 or raw PCM on standard input |
/// | `tone`, `tone:HZ` | a sine tone, 440 Hz by default |
public enum DeviceSpecifier: Equatable, Sendable {
    case systemDefault
    case pulse(source: String?)
    case alsa(device: String)
    case file(path: String)
    case standardInput
    case tone(frequencyHz: Double)

    /// Parses the text.
    ///
    /// - Throws: `badSpecifier`, with the valid forms.
    public init(_ text: String) throws(CaptureError) {
        let colon = text.firstIndex(of: ":")
        let word = colon.map { text[..<$0] } ?? text[...]
        let rest = colon.map { String(text[text.index(after: $0)...]) }
        switch (word, rest) {
        case ("default", nil): self = .systemDefault
        case ("pulse", nil): self = .pulse(source: nil)
        case ("pulse", .some(let name)) where !name.isEmpty: self = .pulse(source: name)
        case ("alsa", .some(let name)) where !name.isEmpty: self = .alsa(device: name)
        case ("file", .some(let path)) where !path.isEmpty: self = .file(path: path)
        case ("stdin", nil): self = .standardInput
        case ("tone", nil): self = .tone(frequencyHz: 440)
        case ("tone", .some(let number)):
            guard let frequency = Double(number), (1...20_000).contains(frequency) else {
                throw CaptureError(.badSpecifier, "'\(text)': a tone needs a frequency of 1 to 20000 Hz")
            }
            self = .tone(frequencyHz: frequency)
        default:
            throw CaptureError(
                .badSpecifier,
                "'\(text)' is not a source; use default, pulse, pulse:NAME, alsa:NAME, file:PATH, stdin, tone or "
                    + "tone:HZ ('undertone devices' lists the names)"
            )
        }
    }

    /// Creates the source without opening it.
    ///
    /// - Parameters:
    ///   - channel: channel to analyse; an ALSA device must be opened with enough channels.
    ///   - standardInputFormat: format of raw PCM on standard input.
    ///   - isPaced: true to read a file in real time.
    ///   - usesFFmpeg: true if ffmpeg may decode a file that libsndfile cannot; false in the daemon, which
    ///     starts no other program.
    public func makeSource(
        channel: ChannelChoice = .mix,
        standardInputFormat: CaptureFormat = .standardInputDefault,
        isPaced: Bool = false,
        usesFFmpeg: Bool = false
    ) throws(CaptureError) -> sending any CaptureSource {
        let channelCount = if case .only(let number) = channel { number } else { 1 }
        return switch self {
        case .systemDefault: DefaultCapture(channelCount: channelCount)
        case .pulse(let source): PulseCapture(sourceName: source)
        case .alsa(let device): ALSACapture(device: device, channelCount: channelCount)
        case .file(let path): FileCapture(path: path, isPaced: isPaced, usesFFmpeg: usesFFmpeg)
        case .standardInput: StandardInputCapture(format: standardInputFormat)
        case .tone(let frequency): try ToneCapture(frequencyHz: frequency)
        }
    }
}

extension CaptureFormat {
    /// Default format of standard input: 16 kHz, mono, s16.
    public static let standardInputDefault = CaptureFormat(known: 16_000, 1, .s16)
}
