// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EmotionEncoder
import EmotionEvents
import EmotionStream
import EventSocket
import LiveListening
import ModelBundle
import NeuralLayers
import ServiceRuntime
import SpeechFeatures

// Connections between the parts of the daemon.

extension ServerIdentity {
    /// Contents of `hello`.
    init(_ model: StreamModel, _ stream: StreamSettings) {
        self.init(server: "undertone/" + undertoneVersion, model: Model(model, stream))
    }
}

extension ServerIdentity.Model {
    /// Contents of `hello` about the model.
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
    /// Values that the server reads while it runs.
    init(_ listener: LiveListener, _ status: DaemonStatus, _ models: ModelGenerations) {
        self.init(
            audioPosition: { listener.position },
            device: { listener.device },
            status: status.report
        )
        model = { generation in
            // A client that knows the new model no longer needs the previous one.
            listener.releasePredecessor()
            return models.take(generation)
        }
    }

    /// Connects the server's callbacks: commands, mutes, and the number of subscriptions.
    mutating func connect(to controller: Controller, _ holds: MuteHolds, _ demand: CaptureDemand) {
        carryOut = { await controller.carryOut($0, for: $1) }
        mute = { request, peer in
            let refusal = holds.set(request, for: peer)
            controller.log(.mute(request), peer, refusal ?? .done())
            return refusal
        }
        muteProgress = { holds.progress }
        connectionEnded = { holds.end(ofConnection: $0) }
        subscriptionsChanged = { demand.set(subscriptions: $0) }
    }
}

extension DaemonStatus {
    /// Reports the status of the parts.
    ///
    /// - Parameter first: the model at the start. (A `StreamModel` would keep its weights in memory.)
    convenience init(
        _ listener: LiveListener,
        first: ServerIdentity.Model,
        models: ModelGenerations,
        holds: MuteHolds
    ) {
        self.init { report in
            // Reads the counters from the last stage to the first, so that none is ahead of an earlier stage.
            report.consumedSamples = listener.consumedSamples
            report.lostSamples = listener.lostSamples
            report.waitingSamples = listener.waitingSamples
            report.capturedSamples = listener.capturedSamples
            report.missedSeconds = Double(listener.missedSamples) / Double(audioClockRate)
            report.isMuted = listener.isMuted
            report.isMuteLocked = holds.isLocked
            report.holds = holds.all
            report.retryMilliseconds = listener.report.retryMilliseconds
            report.lastError = listener.status.lastError?.description
            report.audioAgeMilliseconds = listener.audioAgeSeconds.map { $0 * 1_000 }
            report.realTimeFactor = listener.realTimeFactor
            report.capture = listener.condition
            report.device = listener.device
            report.model = models.newest?.id ?? first.id
            report.followsVoices = (models.newest ?? first).followsVoices
        }
    }
}

extension MuteHolds {
    /// The holds on the microphone of `listener`, stored where the settings say.
    convenience init(_ listener: LiveListener, _ settings: Settings, _ environment: [String: String]) {
        let path = settings.socketPath(environment)
        let store = MuteStore(
            socketPath: path,
            standardPath: SocketAddresses.standard(environment: environment),
            environment: environment
        )
        self.init(lock: MuteLock(socketPath: path, environment: environment), store: store) { isMuted in
            if isMuted { listener.mute() } else { listener.unmute() }
        } isClosed: {
            listener.condition == .muted
        }
    }
}

/// The exit status and the message for an error of one of the parts.
func describeFailure(_ error: any Error) -> ProgramFailure {
    switch error {
    case let failure as ProgramFailure: failure
    case let error as ModelError: ProgramFailure(.model, "\(error)")
    // Only an invalid name gets here: a failing device changes the capture state and does not end the daemon.
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
    /// Time from a sound to the first embedding that covers its whole window, computed from the network's geometry.
    fileprivate var latencyMilliseconds: Double {
        let window = features.featureSet.spectrum.windowSamples
        return Double(encoder.geometry.latencySamples(hop: hopSamples, window: window)) * 1_000
            / Double(audioClockRate)
    }
}
