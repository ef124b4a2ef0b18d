// SPDX-License-Identifier: Apache-2.0
public import Foundation

/// Parts of a network in which the recipes of these tests differ.
public struct SmallNetwork: Sendable {
    let dilations: [Int]
    let isRecurrent: Bool
    let pooling: String
    /// Recipe line of a stage.
    let pretext: String

    /// Creates a network; each parameter sets its property.
    public init(
        dilations: [Int] = [1],
        isRecurrent: Bool = false,
        pooling: String = "attention",
        pretext: String = ""
    ) {
        (self.dilations, self.isRecurrent) = (dilations, isRecurrent)
        (self.pooling, self.pretext) = (pooling, pretext)
    }
}

/// A corpus of the recordings in the repository, under the names of six speakers.
public struct SmallCorpus {
    /// Folder of the corpus.
    public let folder: URL
    /// Its recipe.
    public var recipe: URL { folder.appending(path: "recipe.yaml") }

    /// Copies the recordings and writes manifest, folds and recipe.
    public init(_ network: SmallNetwork = SmallNetwork()) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "recipes-\(UUID().uuidString)")
        let corpus = folder.appending(path: "data/small")
        let other = folder.appending(path: "data/other")
        for place in [corpus, other] {
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        }
        var manifest = "path,speaker,sex,label,sentence,duration_s\n"
        for (speaker, sex) in [("a", "F"), ("b", "M"), ("c", "F"), ("d", "M"), ("e", "F"), ("f", "M")] {
            for file in Fixtures.speech {
                let path = "\(speaker)-\(file.lastPathComponent)"
                for place in [corpus, other] {
                    try FileManager.default.copyItem(at: file, to: place.appending(path: path))
                }
                manifest +=
                    "\(path),\(speaker),\(sex),\(file.deletingPathExtension().lastPathComponent),one,3.5\n"
            }
        }
        try write(manifest, to: "data/small/manifest.csv")
        try write(manifest, to: "data/other/manifest.csv")
        try write(
            """
            speaker,sex,test_fold,development_fold
            a,F,0,2
            b,M,0,2
            c,F,1,0
            d,M,1,0
            e,F,2,1
            f,M,2,1
            """,
            to: "folds.csv"
        )
        try write(Self.recipe(network, epochs: 2), to: "recipe.yaml")
    }

    /// Writes a file of the folder.
    public func write(_ text: String, to path: String) throws {
        try text.write(to: folder.appending(path: path), atomically: true, encoding: .utf8)
    }

    /// Removes the folder.
    public func remove() { try? FileManager.default.removeItem(at: folder) }

    private static func recipe(_ network: SmallNetwork, epochs: Int) -> String {
        """
        name: small
        seed: 3
        network:
          width: 8
          activation: relu
          front: [{ kernel: 5, stride: 2 }, { kernel: 3, stride: 2 }]
          blocks: { kind: convolution, kernel: 3, dilations: \(network.dilations), expansion: 1 }
          isRecurrent: \(network.isRecurrent)
          pooling: \(network.pooling)
          hiddenCount: 0
          forgetting: 1
        speech: { onsetDecibels: 28, offsetDecibels: 34, floorMarginDecibels: 8, fillSeconds: 0.25, minimumSeconds: 0.06 }
        augmentation:
          copies: 1
          cleanShare: 0.5
          noise: [{ corpus: small, groups: [angry] }]
          variation:
            { roomProbability: 1, roomSeconds: [0.2, 0.3], directDecibels: [3, 6], noiseProbability: 1,
              noiseDecibels: [10, 20], gainDecibels: [-6, 6], speed: { probability: 0.5, factor: [0.9, 1.1] },
              codec: { probability: 0.5, codecs: [{ kind: opus, kilobits: [8, 24] }] } }
        stages:
          - name: only
            corpora: [small]
            companions: { corpora: [], share: 0, weight: 0 }
            epochs: \(epochs)
            batch:
              clips: 3
              nonSpeechClips: 1
              crop: { wholeShare: 0.3, marginFrames: [5, 10], longestFrames: 300 }
            frames:
              { warp: 0.1, limitShare: 0.3, limitBands: [50, 70], bandMasks: 1, maskedBands: 12, timeMasks: 1,
                maskedFrames: 20 }
            optimiser:
              learningRate: 0.01
              warmUpSteps: 2
              weightDecay: 0.01
              beta2: 0.99
              clipNorm: 1
              averageDecay: 0.5
            dropout: 0.1
            loss:
              emotionWeight: 1
              speechWeight: 0.3
              prefixWeight: 0.3
              labelSmoothing: 0.1
              classBalance: 0.5
            \(network.pretext)
        evaluation:
          corpus: small
          folds: folds.csv
          nonSpeech: [{ corpus: small, groups: [sad] }]
          noise: { recordings: [{ corpus: small, groups: [] }], decibels: [10] }
          others: [other]
          voices: [{ earlier: mixed, count: 3 }]
        release: { development: [c, d] }
        """
    }
}
