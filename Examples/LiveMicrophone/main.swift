// SPDX-License-Identifier: Apache-2.0
// Prints the emotion in a voice during speech. Reads raw samples from standard input:
//
//     parec --raw --format=float32le --rate=48000 --channels=1 --latency-msec=50 | swift run -c release LiveMicrophone
import Foundation
import Undertone

let recognizer = try EmotionRecognizer()
var session = recognizer.makeSession(sampleRate: 48_000)
var buffer = [Float](repeating: 0, count: 2_400)
let input = fdopen(STDIN_FILENO, "rb")

func show(_ event: SpeechEvent) {
    switch event {
    case .speechStarted: print("speech")
    case .estimate(let estimate): if estimate.utterance != nil { print(" ", estimate) }
    case .speechEnded: print("silence")
    case .vocalSound(let kind, _, _): print(kind)
    }
}

while case let count = fread(&buffer, 4, buffer.count, input), count > 0 {
    session.process(buffer.span.extracting(first: count), show)
}
session.finish(show)
