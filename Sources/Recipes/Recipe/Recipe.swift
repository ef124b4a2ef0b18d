// SPDX-License-Identifier: Apache-2.0
public import Corpora
public import EmotionEncoder
public import StepKernels

/// Everything that decides what a training run does: the content of a YAML file in `configs/recipes`.
///
/// The properties are the file's keys; none has a default, so a reader of the file sees every number.
public struct Recipe: Codable, Hashable, Sendable {
    /// The identity of the model that it makes.
    public let name: String
    /// What all random draws begin with.
    public let seed: UInt64
    /// The shape of the network.
    public let network: Network
    /// How speech is marked in clean clips.
    public let speech: SpeechMarker
    /// How clips vary.
    public let augmentation: Variety
    /// What is trained, in order.
    public let stages: [Stage]
    /// Who is tested.
    public let evaluation: Evaluation
    /// Who is left out of the shipped model.
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
        /// Whether a GRU follows the blocks.
        public let isRecurrent: Bool
        /// Units between pooling and classes; 0 for none.
        public let hiddenCount: Int
        /// How much of the pooled past is kept at each embedding.
        public let forgetting: Float

        /// The architecture for frames of `inputCount` values.
        public func architecture(inputCount: Int) -> EncoderArchitecture {
            EncoderArchitecture(
                inputCount: inputCount,
                width: width,
                activation: activation,
                front: front,
                blocks: blocks,
                isRecurrent: isRecurrent,
                hiddenCount: hiddenCount,
                forgetting: forgetting
            )
        }
    }

    /// How clips vary.
    public struct Variety: Codable, Hashable, Sendable {
        /// Varied copies of each clip.
        public let copies: Int
        /// The share of draws that take the clean clip.
        public let cleanShare: Double
        /// Where noise comes from.
        public let noise: [Selection]
        /// The draws.
        public let variation: Augmentation
    }

    /// Some recordings of a corpus.
    public struct Selection: Codable, Hashable, Sendable {
        /// The corpus.
        public let corpus: String
        /// The words in the manifest's `label` or `sentence` column that are taken.
        public let groups: [String]
    }

    /// One training: on what, for how long, how.
    public struct Stage: Codable, Hashable, Sendable {
        /// What reports call it.
        public let name: String
        /// The corpora of which every clip comes once an epoch.
        public let corpora: [String]
        /// The corpora of which some clips come along.
        public let companions: Companions
        /// Passes over the clips.
        public let epochs: Int
        /// Clips in a batch.
        public let batchClips: Int
        /// Recordings of noise alone that are added to each batch, for the speech head.
        public let nonSpeechClips: Int
        /// How clips are cut.
        public let crop: Crop
        /// The highest learning rate.
        public let learningRate: Double
        /// Steps in which the learning rate rises from 0; it falls to 0 on a cosine afterwards.
        public let warmUpSteps: Int
        /// Decoupled weight decay.
        public let weightDecay: Double
        /// Decay of the optimiser's running mean of squared gradients.
        public let squareDecay: Double
        /// The gradient is scaled down to this norm.
        public let gradientNorm: Double
        /// Decay of the averaged weights, which are the ones that are kept; 0 keeps the last.
        public let averageDecay: Double
        /// The share of numbers that training blanks in blocks and pooled values.
        public let dropout: Double
        /// The share of the target that is spread over all classes.
        public let labelSmoothing: Float
        /// Weight of the speech head's loss.
        public let speechWeight: Float
        /// Weight of the emotion loss at a random earlier moment.
        public let prefixWeight: Float
        /// Clips weigh as the inverse of their class's frequency to this power: 0 as they come, 1 all classes alike.
        public let classBalance: Double

        package init(
            name: String,
            corpora: [String],
            companions: Companions,
            epochs: Int,
            batchClips: Int,
            nonSpeechClips: Int,
            crop: Crop,
            learningRate: Double,
            warmUpSteps: Int,
            weightDecay: Double,
            squareDecay: Double,
            gradientNorm: Double,
            averageDecay: Double,
            dropout: Double,
            labelSmoothing: Float,
            speechWeight: Float,
            prefixWeight: Float,
            classBalance: Double
        ) {
            (self.name, self.corpora, self.companions, self.epochs) = (name, corpora, companions, epochs)
            (self.batchClips, self.nonSpeechClips, self.crop) = (batchClips, nonSpeechClips, crop)
            (self.learningRate, self.warmUpSteps, self.weightDecay) = (learningRate, warmUpSteps, weightDecay)
            (self.squareDecay, self.gradientNorm, self.averageDecay) = (
                squareDecay, gradientNorm, averageDecay
            )
            (self.dropout, self.labelSmoothing, self.speechWeight) = (dropout, labelSmoothing, speechWeight)
            (self.prefixWeight, self.classBalance) = (prefixWeight, classBalance)
        }
    }

    /// Corpora that broaden a stage.
    public struct Companions: Codable, Hashable, Sendable {
        /// Which; may be none.
        public let corpora: [String]
        /// Their clips in an epoch for each clip of the stage's own corpora, in equal parts, drawn anew each epoch.
        public let share: Double
        /// Weight of such a clip in the emotion loss.
        public let weight: Float

        package init(corpora: [String], share: Double, weight: Float) {
            (self.corpora, self.share, self.weight) = (corpora, share, weight)
        }
    }

    /// How clips are cut for training: most to their speech, which halves the work, some left whole, because the speech
    /// head must know how a stream begins.
    public struct Crop: Codable, Hashable, Sendable {
        /// The share of clips left whole.
        public let wholeShare: Double
        /// Frames kept before and after the speech, fewest and most.
        public let marginFrames: [Int]
        /// No clip is longer than this.
        public let longestFrames: Int

        package init(wholeShare: Double, marginFrames: [Int], longestFrames: Int) {
            (self.wholeShare, self.marginFrames, self.longestFrames) = (
                wholeShare, marginFrames, longestFrames
            )
        }
    }

    /// Who is tested, and on what else.
    public struct Evaluation: Codable, Hashable, Sendable {
        /// The judged corpus.
        public let corpus: String
        /// The fold list, relative to the recipe.
        public let folds: String
        /// Recordings without speech that training has not heard.
        public let nonSpeech: [Selection]
    }

    /// Who is left out of the shipped model.
    public struct Release: Codable, Hashable, Sendable {
        /// Speakers of the judged corpus who only calibrate.
        public let development: [String]
    }
}
