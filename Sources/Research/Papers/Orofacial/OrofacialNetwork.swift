// SPDX-License-Identifier: Apache-2.0
public import Training

/// A network that estimates movement of the lower face from speech, with emotions and visemes as secondary tasks
/// (Sadoughi & Busso, "Expressive speech-driven lip movements with multitask learning", FG 2018).
///
///     joint       features [B, T, F] ─► BiGRU ─► BiGRU = h ─┬─► movement [B, T, M]
///                                                          ├─► visemes [B, T, V]
///                                                          └─► mean over time ─► emotions [B, E]
///
///     separated   features ─► BiGRU = s ─┬─► BiGRU = m ─────────────► movement = A m + B z
///                                        └─► BiGRU = z ─┬────────────────────┘
///                                                       ├─► visemes
///                                                       └─► mean over time ─► emotions
///
/// Reconstructed: only the paper's abstract was available. It names two structures and the tasks, and reports that shared
/// representations gave trajectories nearer to the original ones. Our choices are the layers, the recurrence (GRU; the
/// authors probably used LSTM), and that the secondary representation z feeds the regression in the second structure.
/// Not causal: it processes both directions of time. All sequences of a batch have the same length.
public final class OrofacialNetwork<Scalar: TrainingScalar> {
    /// The way in which the tasks share layers.
    public enum Structure: String, Codable, Sendable, CaseIterable { case joint, separated }

    /// The dimensions of a network.
    public struct Shape: Sendable {
        /// The way in which the tasks share layers.
        public var structure: Structure
        /// F, and the total width of a layer's two directions.
        public var inputs: Int, width: Int
        /// M, V and E.
        public var movements: Int, visemes: Int, emotions: Int
        /// Share dropped after the first layer.
        public var dropout: Double

        /// Each parameter sets the property of its name.
        public init(
            _ structure: Structure,
            inputs: Int,
            width: Int,
            movements: Int,
            visemes: Int,
            emotions: Int,
            dropout: Double
        ) {
            (self.structure, self.inputs, self.width) = (structure, inputs, width)
            (self.movements, self.visemes, self.emotions) = (movements, visemes, emotions)
            self.dropout = dropout
        }
    }

    /// Row-major: `[B, T, M]`, `[B, T, V]`, `[B, E]`.
    public struct Output {
        /// Each movement at each frame.
        public var movement: [Scalar]
        /// Logits of the viseme at each frame.
        public var visemes: [Scalar]
        /// Logits of the emotion of the sequence.
        public var emotions: [Scalar]
    }

    /// Shape of the network.
    public let shape: Shape
    /// All trained parameters.
    public let parameters = Parameters<Scalar>()
    private let shared: Chain<Scalar>
    private let upper: Bidirectional<Scalar>
    /// The secondary tasks' own layer; none in the joint structure.
    private let secondary: Bidirectional<Scalar>?
    private let movement: Linear<Scalar>
    private let movementOfSecondary: Linear<Scalar>?
    private let visemes: Linear<Scalar>
    private let emotions: Chain<Scalar>
    private let input = SequenceBuffer<Scalar>()
    private let gradients = (SequenceBuffer<Scalar>(), SequenceBuffer<Scalar>(), SequenceBuffer<Scalar>())
    private var size = (batch: 0, frames: 0)

    /// Draws the weights as PyTorch does.
    public init(_ shape: Shape, random: inout TrainingRandom) {
        self.shape = shape
        let isSeparated = shape.structure == .separated
        let width = shape.width
        shared = Chain([
            Bidirectional(gru: parameters, "shared", inputs: shape.inputs, width: width, random: &random),
            Dropout(share: shape.dropout, sparesInput: true),
        ])
        upper = Bidirectional(gru: parameters, "upper", inputs: width, width: width, random: &random)
        secondary =
            isSeparated
            ? Bidirectional(gru: parameters, "secondary", inputs: width, width: width, random: &random) : nil
        movement = Linear(
            parameters,
            "movement",
            inputs: width,
            outputs: shape.movements,
            random: &random
        )
        movementOfSecondary =
            isSeparated
            ? Linear(
                parameters,
                "movement_of_secondary",
                inputs: width,
                outputs: shape.movements,
                hasBias: false,
                random: &random
            ) : nil
        visemes = Linear(
            parameters,
            "visemes",
            inputs: width,
            outputs: shape.visemes,
            random: &random
        )
        emotions = Chain([
            PooledFrames(parameters, "pool", .mean, channels: width, random: &random),
            Linear(parameters, "emotions", inputs: width, outputs: shape.emotions, random: &random),
        ])
    }

    /// The output for features `[B, T, F]`; `random` is the source of dropout, nil outside of training.
    public func forward(
        _ features: [Scalar],
        batch: Int,
        random: UnsafeMutablePointer<TrainingRandom>? = nil
    ) -> Output {
        let dropout = random.map { DropoutSource($0) }
        size = (batch, features.count / (batch * shape.inputs))
        let x = input.load(features, batch: batch, frames: size.frames, channels: shape.inputs)
        let s = shared.forward(x, dropout)
        let m = upper.forward(s, dropout)
        let z = secondary?.forward(s, dropout) ?? m
        let moved = movement.forward(m, dropout)
        if let movementOfSecondary { moved.add(movementOfSecondary.forward(z, dropout)) }
        return Output(
            movement: moved.values,
            visemes: visemes.forward(z, dropout).values,
            emotions: emotions.forward(z, dropout).values
        )
    }

    /// Adds to the gradients of the parameters; the arguments are the loss's gradients with respect to ``Output``. A
    /// secondary task without a gradient learns nothing.
    public func backward(movement dMovement: [Scalar], visemes: [Scalar]? = nil, emotions: [Scalar]? = nil) {
        let d = gradients.0.load(
            dMovement,
            batch: size.batch,
            frames: size.frames,
            channels: shape.movements
        )
        let dm = movement.backward(d)
        var dz = secondary == nil ? dm : nil
        if let movementOfSecondary { dz = movementOfSecondary.backward(d) }
        if let visemes {
            let d = gradients.1.load(
                visemes,
                batch: size.batch,
                frames: size.frames,
                channels: shape.visemes
            )
            dz?.add(self.visemes.backward(d))
        }
        if let emotions {
            let d = gradients.2.load(emotions, batch: size.batch, frames: 1, channels: shape.emotions)
            dz?.add(self.emotions.backward(d))
        }
        let ds = upper.backward(dm)
        if let secondary, let dz { ds.add(secondary.backward(dz)) }
        _ = shared.backward(ds)
    }
}
