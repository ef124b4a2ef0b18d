// SPDX-License-Identifier: Apache-2.0
import Glibc

/// Cost of one embedding: the streaming network with weights from PyTorch, back to back and in real time.
///
///     bench-step encoder|gru FOLDER      one JSON line; see tools/bench/step.sh
@main
struct BenchStep {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3, let network = try makeNetwork(arguments[1], folder: arguments[2]) else {
            print("usage: bench-step encoder|gru FOLDER")
            exit(2)
        }
        let difference = try network.largestDifference(from: arguments[2] + "/expected.safetensors")
        let tight = tightMicroseconds { network.step() }
        let paced = pacedMicroseconds(period: network.periodSeconds) { network.step() }
        print(
            """
            {"engine":"undertone","tight":\(tight),"paced":\(paced),"difference":\(difference),\
            "period_ms":\(network.periodSeconds * 1000),"rss_mb":\(residentMegabytes())}
            """
        )
    }

    private static func makeNetwork(_ name: String, folder: String) throws -> (any BenchNetwork)? {
        switch name {
        case "encoder": try EncoderNetwork(folder: folder)
        case "gru": try GRUNetwork(folder: folder)
        default: nil
        }
    }
}
