// SPDX-License-Identifier: Apache-2.0
import Glibc
import MatrixProducts
import Training

// A process that tests kill and starve: it writes COUNT checkpoints to FOLDER, the nth with all weights n, and says
// after each that it stands. If one cannot be written it says why, and what it can still read.

signal(SIGXFSZ, SIG_IGN)
/// A line that a reader gets at once, pipe or not.
func say(_ line: String) {
    print(line)
    fflush(nil)
}

let folder = CommandLine.arguments[1]
let count = Int(CommandLine.arguments[2]) ?? 1

do {
    try OpenBLAS.load()
} catch {
    say("failed: \(error)")
    exit(1)
}
say("kernels \(OpenBLAS.kernels)")
var random = TrainingRandom(seed: 1)
let shape = NetworkShape(
    inputs: 4,
    width: 32,
    front: [(3, 2)],
    kernel: 3,
    dilations: [1],
    classes: 3,
    dropout: 0
)
let network = EmotionNetwork<Float>(shape, random: &random)
let optimiser = AdamW(network.parameters)
for number in 1...count {
    network.parameters.all = [Float](repeating: Float(number), count: network.parameters.count)
    do {
        try Checkpoint(network.parameters, optimiser, random: random, progress: number).write(to: folder)
        say("written \(number)")
    } catch {
        say("failed: \(error)")
        say("kept \(try Checkpoint<Int>(path: folder).progress)")
        exit(1)
    }
}
