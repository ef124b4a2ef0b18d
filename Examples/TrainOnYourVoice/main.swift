// SPDX-License-Identifier: Apache-2.0
// Trains a model on your own recordings, one folder for each emotion (angry/one.wav, sad/two.wav ...), and tests it.
// Run it in a clone of this repository, after `swift build -c release`:
//
//     .build/release/TrainOnYourVoice my-recordings my-model a-recording.wav
import AudioFiles
import Foundation
import Undertone

let words = CommandLine.arguments.dropFirst()
guard words.count == 3, let recordings = words.first, let recording = words.last else {
    print("usage: TrainOnYourVoice RECORDINGS MODEL FILE")
    exit(2)
}
let model = words[2]
let trainer = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
    path: "undertone-train"
)

@MainActor func train(_ arguments: String...) throws {
    let process = try Process.run(trainer, arguments: arguments)
    process.waitUntilExit()
    if process.terminationStatus != 0 { exit(process.terminationStatus) }
}

try train("import", "folders", recordings, "--out", model + ".data/mine")
try train("finetune", "--from", "free", "--data", model + ".data", "--run", model + ".run", "--out", model)

let recognizer = try EmotionRecognizer(.folder(model))
let clip = try AudioClip(path: recording)
print(recording + ":", recognizer.recognize(clip.samples, sampleRate: clip.sampleRate))
