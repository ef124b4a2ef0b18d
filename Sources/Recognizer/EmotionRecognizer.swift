// SPDX-License-Identifier: Apache-2.0
import EmotionStream
import ModelBundle

/// A model that is ready to recognise emotions in voices.
///
///     let recognizer = try EmotionRecognizer()
///     let result = recognizer.recognize(samples, sampleRate: 48_000)
///     print(result.label ?? "no label", result.utterances)
///
/// The weights are read once and shared: copies of a recognizer and all its sessions use the same memory. Labels, reasons and
/// numbers are those of `undertone analyze` and of the daemon.
///
/// - Thread: any; several threads may use one recognizer at the same time.
public struct EmotionRecognizer: Sendable {
    /// Accepted sample rates, in hertz. All rates except 16,000 are resampled.
    public static let sampleRates = 8_000...192_000

    private let model: StreamModel
    let names: ModelNames

    /// Creates a recognizer with the given model.
    ///
    /// Reads about 9 MB for the bundled models. Blocks the calling thread until they are checked.
    /// - Throws: ``RecognizerError`` if the model is missing, damaged, or of a kind that this version cannot run.
    public init(_ model: Model = .bundled) throws(RecognizerError) {
        do throws(ModelError) {
            self.model = try StreamModel(path: model.path)
        } catch {
            throw RecognizerError(description: error.description)
        }
        names = ModelNames(labels: self.model.labels, attributes: self.model.attributes)
    }

    /// Identifier of the model, from its `config.json`.
    public var modelIdentifier: String { model.id }

    /// Labels of the model, in the order of its probabilities.
    public var labels: [String] { names.labels }

    /// Attributes of the model, such as `arousal`; empty for the bundled models.
    public var attributes: [String] { names.attributes }

    /// Recognises a whole recording, as `undertone analyze` does.
    ///
    /// Blocks the calling thread while it computes, which takes a few percent of the recording's duration.
    ///
    /// - Parameters:
    ///   - samples: one channel, full scale -1...1. NaN, infinite and extremely large samples count as 0.
    ///   - sampleRate: samples per second, within ``sampleRates``; otherwise the result has the reason
    ///     ``NoLabelReason/unsupportedSampleRate``.
    public func recognize(_ samples: [Float], sampleRate: Int) -> EmotionResult {
        recognize(samples.span, sampleRate: sampleRate)
    }

    /// Recognises a whole recording that is not in an array.
    public func recognize(_ samples: Span<Float>, sampleRate: Int) -> EmotionResult {
        var session = makeSession(sampleRate: sampleRate)
        guard session.isSupported else { return EmotionResult(unsupported: names) }
        var summary = ClipSummary(classCount: names.labels.count, attributeCount: names.attributes.count)
        session.step(samples) { summary.add($0) }
        session.end { summary.add($0) }
        return EmotionResult(summary, names, durationSeconds: session.receivedSeconds)
    }

    /// Creates a session for one stream of samples, such as a microphone.
    ///
    /// Allocates all memory that the session needs, 0.3 MB. The weights are shared.
    ///
    /// - Parameter sampleRate: samples per second, within ``sampleRates``; otherwise each call of `process` reports an
    ///   estimate with the reason ``NoLabelReason/unsupportedSampleRate``.
    public func makeSession(sampleRate: Int = 16_000) -> EmotionSession {
        EmotionSession(model, names, sampleRate: sampleRate)
    }
}

extension EmotionRecognizer {
    /// The model that a recognizer uses.
    public enum Model: Sendable, Hashable {
        /// The most accurate bundled model. Its training data allow non-commercial use only.
        case bundled
        /// The bundled model that was trained on data that allow commercial use.
        case free
        /// A model folder, such as `undertone-train finetune` writes.
        case folder(String)

        var path: String {
            switch self {
            case .bundled: ModelFolder.defaultPath
            case .free: ModelFolder.path(named: "free")
            // A folder of that name, not the bundled model.
            case .folder(let path): ModelFolder.bundledNames.contains(path) ? "./" + path : path
            }
        }
    }
}

/// The error for a model that cannot be used.
public struct RecognizerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence: what is wrong, the file, and how to fix it.
    public let description: String
}

/// Names of a model's outputs, shared by all values that contain such outputs.
struct ModelNames: Sendable {
    let labels: [String]
    let attributes: [String]
}
