// SPDX-License-Identifier: Apache-2.0
// Prints the emotion in each audio file on the command line, and in each of its utterances.
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
