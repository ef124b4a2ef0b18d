// SPDX-License-Identifier: Apache-2.0
// Prints the emotion in each sound file that the command line names, and in each utterance of it.
//
//     swift run -c release ClassifyFile interview.flac
import AudioFiles
import Undertone

let recognizer = try EmotionRecognizer()
for path in CommandLine.arguments.dropFirst() {
    let clip = try AudioClip(path: path)
    let result = recognizer.recognize(clip.samples, sampleRate: clip.sampleRate)
    print(path + ":", result)
    for utterance in result.utterances { print("   ", utterance) }
}
