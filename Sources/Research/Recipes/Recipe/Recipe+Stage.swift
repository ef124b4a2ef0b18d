// SPDX-License-Identifier: Apache-2.0

extension Recipe {
    /// One training: its clips, its length, its batches, optimiser and losses.
    public struct Stage: Codable, Hashable, Sendable {
        /// Name in reports.
        public let name: String
        /// The corpora of which every clip comes once an epoch.
        public let corpora: [String]
        /// The corpora of which some clips come along.
        public let companions: Companions
        /// Passes over the clips.
        public let epochs: Int
        /// Contents of a batch.
        public let batch: Batch
        /// Random changes of a clip's frames, each time that it is drawn; absent for none.
        public let frames: FrameVariation?
        /// Settings of the optimiser.
        public let optimiser: Optimiser
        /// The share of numbers that training blanks in blocks and pooled values.
        public let dropout: Double
        /// Weights and targets of the losses.
        public let loss: Loss
        /// The self-supervised tasks of the stage; absent where there are none. With them, clips without a label of
        /// emotion are taken too.
        public let pretext: Pretext?
        /// Labels and loss from what listeners heard; absent for cross entropy with the manifest's classes.
        public let coOccurrence: CoOccurrence?
        /// Arousal and such, learned along with the emotions; absent for none.
        public let attributes: AttributeWeights?

        /// Each parameter as its property says.
        package init(
            name: String,
            corpora: [String],
            companions: Companions,
            epochs: Int,
            batch: Batch,
            frames: FrameVariation? = nil,
            optimiser: Optimiser,
            dropout: Double,
            loss: Loss,
            pretext: Pretext? = nil,
            coOccurrence: CoOccurrence? = nil,
            attributes: AttributeWeights? = nil
        ) {
            (self.name, self.corpora, self.companions, self.epochs) = (name, corpora, companions, epochs)
            (self.batch, self.frames, self.optimiser, self.dropout) = (batch, frames, optimiser, dropout)
            (self.loss, self.pretext, self.coOccurrence) = (loss, pretext, coOccurrence)
            self.attributes = attributes
        }

        var problem: String? {
            if corpora.isEmpty { return "corpora must name at least one" }
            if !(1...10_000).contains(epochs) { return "epochs must be 1 to 10000" }
            if let problem = batch.problem { return "batch.\(problem)" }
            if let problem = optimiser.problem { return "optimiser.\(problem)" }
            if !(dropout >= 0 && dropout < 1) { return "dropout must be 0 or more and below 1" }
            if let problem = loss.problem { return "loss.\(problem)" }
            if loss.emotionWeight == 0, pretext == nil {
                return "it teaches nothing: no emotion and no pretext task"
            }
            if let problem = frames?.problem { return "frames.\(problem)" }
            if let problem = pretext?.problem { return "pretext.\(problem)" }
            if let problem = coOccurrence?.problem(in: loss) { return "coOccurrence.\(problem)" }
            if let problem = attributes?.problem { return "attributes.\(problem)" }
            if !(0...1000).contains(companions.share) || !(0...1000).contains(companions.weight) {
                return "companions.share and companions.weight must be 0 to 1000"
            }
            return nil
        }
    }
}

extension Recipe.Stage {
    /// Contents of a batch.
    public struct Batch: Codable, Hashable, Sendable {
        /// Clips of speech in a batch.
        public let clips: Int
        /// Recordings without speech that are added to each batch, for the speech head.
        public let nonSpeechClips: Int
        /// Cut of the clips.
        public let crop: Recipe.Crop

        /// Each parameter as its property says.
        package init(clips: Int, nonSpeechClips: Int, crop: Recipe.Crop) {
            (self.clips, self.nonSpeechClips, self.crop) = (clips, nonSpeechClips, crop)
        }

        var problem: String? {
            if !(1...1024).contains(clips) { return "clips must be 1 to 1024" }
            if !(0...1024).contains(nonSpeechClips) { return "nonSpeechClips must be 0 to 1024" }
            return crop.problem.map { "crop.\($0)" }
        }
    }

    /// Settings of AdamW and of the learning rate's schedule.
    public struct Optimiser: Codable, Hashable, Sendable {
        /// The highest learning rate.
        public let learningRate: Double
        /// Steps in which the learning rate rises from 0; it falls to 0 on a cosine afterwards.
        public let warmUpSteps: Int
        /// Decoupled weight decay.
        public let weightDecay: Double
        /// Decay of the running mean of squared gradients.
        public let beta2: Double
        /// The gradient is scaled down to this norm.
        public let clipNorm: Double
        /// Decay of the averaged weights, which are the ones that are kept; 0 keeps the last.
        public let averageDecay: Double

        /// Each parameter as its property says.
        package init(
            learningRate: Double,
            warmUpSteps: Int,
            weightDecay: Double,
            beta2: Double,
            clipNorm: Double,
            averageDecay: Double
        ) {
            (self.learningRate, self.warmUpSteps, self.weightDecay) = (learningRate, warmUpSteps, weightDecay)
            (self.beta2, self.clipNorm, self.averageDecay) = (beta2, clipNorm, averageDecay)
        }

        var problem: String? {
            if !(learningRate > 0 && learningRate <= 1) {
                return "learningRate must be above 0 and at most 1"
            }
            if warmUpSteps < 0 { return "warmUpSteps must not be negative" }
            if !(weightDecay >= 0 && weightDecay < 1) { return "weightDecay must be 0 or more and below 1" }
            if !(beta2 >= 0 && beta2 < 1) { return "beta2 must be 0 or more and below 1" }
            if !(clipNorm > 0 && clipNorm.isFinite) { return "clipNorm must be positive" }
            if !(averageDecay >= 0 && averageDecay < 1) {
                return "averageDecay must be 0 or more and below 1"
            }
            return nil
        }
    }

    /// Weights and targets of the losses.
    public struct Loss: Codable, Hashable, Sendable {
        /// Weight of the emotion loss; 0 for a stage that needs no labels of emotions.
        public let emotionWeight: Float
        /// Weight of the speech head's loss.
        public let speechWeight: Float
        /// Weight of the emotion loss at a random earlier moment.
        public let prefixWeight: Float
        /// The share of the target that is spread over all classes.
        public let labelSmoothing: Float
        /// Clips weigh as the inverse of their class's frequency to this power: 0 as they come, 1 all classes alike.
        public let classBalance: Double

        /// Each parameter as its property says.
        package init(
            emotionWeight: Float = 1,
            speechWeight: Float,
            prefixWeight: Float,
            labelSmoothing: Float,
            classBalance: Double
        ) {
            (self.emotionWeight, self.speechWeight, self.prefixWeight) = (
                emotionWeight, speechWeight, prefixWeight
            )
            (self.labelSmoothing, self.classBalance) = (labelSmoothing, classBalance)
        }

        var problem: String? {
            if ![emotionWeight, speechWeight, prefixWeight].allSatisfy({ (0...1000).contains($0) }) {
                return "emotionWeight, speechWeight and prefixWeight must be 0 to 1000"
            }
            if !(labelSmoothing >= 0 && labelSmoothing < 1) {
                return "labelSmoothing must be 0 or more and below 1"
            }
            return (0...1).contains(classBalance) ? nil : "classBalance must be 0 to 1"
        }
    }
}

extension Recipe {
    /// Cutting of clips for training: most to their speech, which halves the work, some left whole, because the speech
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

        var problem: String? {
            if !(0...1).contains(wholeShare) { return "wholeShare must be 0 to 1" }
            if marginFrames.count != 2 || marginFrames[0] < 0 || marginFrames[0] > marginFrames[1] {
                return "marginFrames must be two numbers, fewest and most"
            }
            return (50...100_000).contains(longestFrames) ? nil : "longestFrames must be 50 to 100000"
        }
    }
}
