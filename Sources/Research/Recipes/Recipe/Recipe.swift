// SPDX-License-Identifier: Apache-2.0
public import Corpora
public import EmotionEncoder
public import NeuralLayers
public import StepKernels

/// Everything that decides what a training run does: the content of a YAML file in `configs/recipes`.
///
/// The properties are the file's keys; none has a default, so a reader of the file sees every number.
public struct Recipe: Codable, Hashable, Sendable {
    /// The identity of the model that it makes.
    public var name: String
    /// Seed of all random draws.
    public var seed: UInt64
    /// The folder of a model whose encoder the first stage begins with; absent to begin from nothing.
    public var start: String?
    /// The shape of the network.
    public let network: Network
    /// Marking of speech in clean clips.
    public let speech: SpeechMarker
    /// Published detector that marks speech where the level would not do; absent for none.
    public let detector: Detector?
    /// Recordings without speech that teach the speech head only and are never mixed into speech; absent for none.
    public let nonSpeech: [Selection]?
    /// Clips of the stages' corpora that are left out, as for their licence; absent for none.
    public let except: [Selection]?
    /// Words of corpora that are levels of an attribute; absent where none are.
    public let levels: [AttributeLevels]?
    /// Variation of clips.
    public let augmentation: Variety
    /// Training stages, in order.
    public let stages: [Stage]
    /// A linear read-out of the encoder that the stages train; absent where the stages train the emotions themselves.
    public let readout: Readout?
    /// A second head that names sounds without words; absent for a model without it. It needs a readout.
    public let vocal: Vocal?
    /// The test; absent for a recipe without one, such as an encoder without an emotion head.
    public let evaluation: Evaluation?
    /// Speakers left out of the bundled model.
    public let release: Release

    /// The shape of the network but for its input, which the feature set decides.
    public struct Network: Codable, Hashable, Sendable {
        /// Channels of every layer after the first.
        public let width: Int
        /// The function between layers.
        public let activation: Activation
        /// The convolutions that take features to the pace of embeddings.
        public let front: [EncoderArchitecture.FrontLayer]
        /// The residual blocks.
        public let blocks: EncoderArchitecture.Blocks
        /// True if a GRU follows the blocks.
        public let isRecurrent: Bool
        /// Pooling of the embeddings of an utterance.
        public let pooling: Pooling.Kind
        /// Units between pooling and classes; 0 for none.
        public let hiddenCount: Int
        /// Share of the pooled past that each embedding keeps.
        public let forgetting: Float
        /// Layers that are pooled together by statistics; absent for the embedding alone.
        public let taps: [EncoderArchitecture.Tap]?
        /// Numbers of a teacher's vector that the network predicts; absent for none.
        public let predictionCount: Int?

        /// The architecture for frames of `inputCount` values.
        public func architecture(inputCount: Int) -> EncoderArchitecture {
            EncoderArchitecture(
                inputCount: inputCount,
                width: width,
                activation: activation,
                front: front,
                blocks: blocks,
                isRecurrent: isRecurrent,
                pooling: pooling,
                hiddenCount: hiddenCount,
                forgetting: forgetting,
                taps: taps ?? [.embedding],
                predictionCount: predictionCount ?? 0
            )
        }
    }

    /// Variation of clips.
    public struct Variety: Codable, Hashable, Sendable {
        /// Varied copies of each clip.
        public let copies: Int
        /// The share of draws that take the clean clip.
        public let cleanShare: Double
        /// Sources of noise.
        public let noise: [Selection]
        /// The draws.
        public let variation: Augmentation
    }

    /// Some recordings of a corpus.
    public struct Selection: Codable, Hashable, Sendable {
        /// The corpus.
        public let corpus: String
        /// The words in the manifest's `label` or `sentence` column that are taken; all where none is named.
        public let groups: [String]
        /// Recordings taken: four fifths for `train`, the rest for `test`, by the name of the recording; absent for all.
        public let part: Part?

        /// The two parts of a corpus of recordings without speakers, which never share a recording.
        public enum Part: String, Codable, Sendable, CaseIterable { case train, test }

        /// Name in reports.
        var name: String {
            ([corpus] + groups + [part.map { "(\($0.rawValue))" }].compactMap { $0 }).joined(separator: " ")
        }
    }

    /// Self-supervised tasks: each with a weight, 0 switches it off.
    public struct Pretext: Codable, Hashable, Sendable {
        /// Energy variation of a chunk, high or low.
        public let energyWeight: Float
        /// Facial activation of a chunk, high or low.
        public let faceWeight: Float
        /// The emotion that the face's action units make up.
        public let unitWeight: Float
        /// Prediction of a later feature frame (autoregressive predictive coding).
        public let predictionWeight: Float
        /// Distance in feature frames.
        public let predictionFrames: Int
        /// Length of a chunk.
        public let chunkSeconds: Double
        /// Chunks drawn of each clip, beside the whole of it.
        public let chunks: Int
        /// Clip-level tables of faces; series of frames are named by the manifests themselves.
        public let faces: [FaceTables]
        /// The clusters of the clips' own embeddings; absent to leave them out.
        public let clusters: Clusters?
        /// Near and far chunks of a clip; absent to leave them out.
        public let triplets: Triplets?
        /// A teacher's vectors; absent to leave them out.
        public let teacher: Teacher?

        /// Every epoch the clips are grouped by what the network makes of them, and it learns the groups.
        public struct Clusters: Codable, Hashable, Sendable {
            /// Weight of the loss.
            public let weight: Float
            /// Number of groups.
            public let count: Int

            package init(weight: Float, count: Int) { (self.weight, self.count) = (weight, count) }
        }

        /// Chunks that are near each other in a clip should lie nearer than those that are far.
        public struct Triplets: Codable, Hashable, Sendable {
            /// Weight of the loss.
            public let weight: Float
            /// By how much nearer.
            public let margin: Float

            package init(weight: Float, margin: Float) { (self.weight, self.margin) = (weight, margin) }
        }

        /// Tables that describe the faces of one corpus.
        public struct FaceTables: Codable, Hashable, Sendable {
            /// The corpus.
            public let corpus: String
            /// Folders beside the corpora; where two describe a clip, the first counts.
            public let tables: [String]
        }

        package init(
            energyWeight: Float = 0,
            faceWeight: Float = 0,
            unitWeight: Float = 0,
            predictionWeight: Float = 0,
            predictionFrames: Int = 5,
            chunkSeconds: Double = 1,
            chunks: Int = 1,
            faces: [FaceTables] = [],
            clusters: Clusters? = nil,
            triplets: Triplets? = nil,
            teacher: Teacher? = nil
        ) {
            (self.clusters, self.triplets, self.teacher) = (clusters, triplets, teacher)
            (self.energyWeight, self.faceWeight, self.unitWeight) = (energyWeight, faceWeight, unitWeight)
            (self.predictionWeight, self.predictionFrames) = (predictionWeight, predictionFrames)
            (self.chunkSeconds, self.chunks, self.faces) = (chunkSeconds, chunks, faces)
        }

        var problem: String? {
            let weights =
                [energyWeight, faceWeight, unitWeight, predictionWeight]
                + [clusters?.weight, triplets?.weight, teacher?.weight, teacher?.momentWeight].compactMap {
                    $0
                }
            if !weights.allSatisfy({ (0...1000).contains($0) }) { return "weights must be 0 to 1000" }
            if !weights.contains(where: { $0 > 0 }) { return "every task is switched off; leave pretext out" }
            if !(1...100).contains(predictionFrames) { return "predictionFrames must be 1 to 100" }
            if !(0.1...60).contains(chunkSeconds) { return "chunkSeconds must be 0.1 to 60" }
            if !(0...16).contains(chunks) { return "chunks must be 0 to 16" }
            if chunks == 0, energyWeight > 0 { return "the energy task needs at least one chunk" }
            if let clusters, !(2...1000).contains(clusters.count) {
                return "clusters.count must be 2 to 1000"
            }
            if triplets != nil, chunks < 3 { return "triplets need at least three chunks" }
            return nil
        }
    }

    /// Corpora that broaden a stage.
    public struct Companions: Codable, Hashable, Sendable {
        /// Which; may be none.
        public let corpora: [String]
        /// Their clips in an epoch for each clip of the stage's own corpora, in equal parts, drawn again in each epoch.
        public let share: Double
        /// Weight of such a clip in the emotion loss.
        public let weight: Float

        package init(corpora: [String], share: Double, weight: Float) {
            (self.corpora, self.share, self.weight) = (corpora, share, weight)
        }
    }

    /// Test corpus, folds and other test material.
    public struct Evaluation: Codable, Hashable, Sendable {
        /// The judged corpus.
        public let corpus: String
        /// The fold list, relative to the recipe.
        public let folds: String
        /// Only these sentences are tested, where others tell the class by their words; absent to test all.
        public let testSentences: [String]?
        /// Corpora whose attributes are tested, beside the judged one; absent for none.
        public let attributes: [AttributeTest]?
        /// Recordings without speech that training has not heard; each selection has a figure of its own.
        public let nonSpeech: [Selection]
        /// The test clips in noise; absent where that is not tested.
        public let noise: Noise?
        /// Corpora that training has not heard, judged by the shipped network; absent where there are none.
        public let others: [String]?
        /// Corpora of a read-out of which each is left out in turn and then judged; absent where none is.
        public let leftOut: [String]?
        /// Knowledge of a voice before each tested clip, through the streaming path; absent to test only unknown
        /// voices.
        public let voices: [VoiceCondition]?

        /// Noises that training has not heard, and how loud.
        public struct Noise: Codable, Hashable, Sendable {
            /// Sources of the noises.
            public let recordings: [Selection]
            /// Speech over noise; every test clip is heard at each.
            public let decibels: [Double]
        }
    }

    /// Speakers left out of the bundled model.
    public struct Release: Codable, Hashable, Sendable {
        /// Speakers who only calibrate: of the judged corpus, or of the last stage's where none is judged.
        public let development: [String]
    }
}
