// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEncoder
import EmotionEvents
import EmotionStream
import EventSocket
import LiveListening
import ModelBundle
import NeuralLayers
import SampleRing
import ServiceRuntime
import SpeechFeatures

// How one part of the daemon sees another.

extension ServerIdentity {
    /// What `hello` says.
    init(_ model: StreamModel, _ stream: StreamSettings) {
        self.init(server: "undertone/" + undertoneVersion, model: Model(model, stream))
    }
}

extension ServerIdentity.Model {
    /// What `hello` says about the model.
    init(_ model: StreamModel, _ stream: StreamSettings) {
        self.init(
            id: model.id,
            sha256: model.sha256,
            labels: model.labels,
            hopMilliseconds: stream.estimateIntervalMilliseconds,
            isCausal: true,
            latencyMilliseconds: model.latencyMilliseconds,
            calibrationSet: model.calibrationSet,
            attributes: model.attributes,
            followsVoices: model.voice != nil && stream.voiceBaseline
        )
    }
}

extension ServerSources {
    /// What the server asks while it runs.
    init(
        _ listener: LiveListener,
        _ model: StreamModel,
        _ stream: StreamSettings,
        _ models: ModelGenerations,
        _ holds: MuteHolds
    ) {
        let first = ServerIdentity.Model(model, stream)  // The model itself would keep its weights in memory.
        let status = DaemonStatus { report in
            // The counters from the end of the way to its beginning: none is then ahead of those before it.
            report.consumedSamples = listener.consumedSamples
            report.lostSamples = listener.lostSamples
            report.waitingSamples = listener.waitingSamples
            report.capturedSamples = listener.capturedSamples
            report.missedSeconds = Double(listener.missedSamples) / Double(audioClockRate)
            report.isMuted = listener.isMuted
            report.isMuteLocked = holds.isLocked
            report.holds = holds.all
            report.retryMilliseconds = listener.status.retryMilliseconds
            report.lastError = listener.status.lastError?.description
            report.audioAgeMilliseconds = listener.audioAgeSeconds.map { $0 * 1_000 }
            report.realTimeFactor = listener.realTimeFactor
            report.capture = listener.condition
            report.device = listener.device
            report.model = models.newest?.id ?? first.id
            report.followsVoices = (models.newest ?? first).followsVoices
        }
        self.init(
            audioPosition: { listener.position },
            device: { listener.device },
            status: status.report
        )
        mute = { holds.set($0, for: $1) }
        muteProgress = { holds.progress }
        connectionEnded = { holds.end(ofConnection: $0) }
        self.model = { generation in
            // Whoever is told of a new model has no more use for the one before.
            listener.releasePredecessor()
            return models.take(generation)
        }
    }
}

/// Both ends of the ring of events, on their way to the inference and the socket thread.
struct EventEnds: ~Copyable {
    let producer: RingProducer<EmotionEvent>
    let consumer: RingConsumer<EmotionEvent>
}

/// The status and the sentence for an error of one of the parts.
func describeFailure(_ error: any Error) -> ProgramFailure {
    switch error {
    case let failure as ProgramFailure: failure
    case let error as ModelError: ProgramFailure(.model, "\(error)")
    // Only a name that means nothing comes this far: a device that fails is a state, not a reason to end.
    case let error as CaptureError: ProgramFailure(.configuration, "device: \(error)")
    case let error as EventSocketError: ProgramFailure(error.status, "\(error)")
    default: ProgramFailure(.other, "\(error)")
    }
}

extension EventSocketError {
    fileprivate var status: ExitStatus {
        if case .alreadyRunning = self { return .anotherInstance }
        return isPermissionDenied ? .permission : .configuration
    }
}

extension StreamModel {
    /// From a sound to the first embedding that has heard all of its window, computed from the network's geometry.
    fileprivate var latencyMilliseconds: Double {
        let window = features.featureSet.spectrum.windowSamples
        return Double(encoder.geometry.latencySamples(hop: hopSamples, window: window)) * 1_000
            / Double(audioClockRate)
    }
}
