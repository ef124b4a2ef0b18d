// SPDX-License-Identifier: Apache-2.0
// Prints the daemon's estimates until the connection is closed.
//
//     swift run -c release SocketClient [SOCKET]
import EventSocket
import Foundation

let paths = SocketAddresses.events(
    explicit: CommandLine.arguments.dropFirst().first,
    environment: ProcessInfo.processInfo.environment
)
let client = try EventClient(paths: paths)
print("connected to", client.hello.server, "with the labels", client.hello.labels)

var options = SubscriptionOptions()
options.kinds = [.estimate, .utterance]
options.minimumConfidence = 0.5
try client.subscribe(options)

while let message = try client.next(), message.type != "bye" {
    // The final estimate of an utterance is in its `end` event.
    let estimate = message["estimate"]?.object ?? message.fields.object ?? [:]
    if let label = estimate["label"]?.string { print(label, estimate["conf"]?.number ?? 0) }
    fflush(nil)  // immediately, also to a pipe
}
