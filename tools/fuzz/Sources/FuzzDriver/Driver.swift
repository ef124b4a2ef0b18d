// SPDX-License-Identifier: Apache-2.0
import Foundation
public import FuzzInvariants

/// libFuzzer's main loop, from the runtime that the compiler links.
@_silgen_name("LLVMFuzzerRunDriver")
private func fuzzerRunDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ feed: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// Set once, before the loop begins.
nonisolated(unsafe) private var chosen: HostileInput?

/// `PROGRAM --input=NAME [libFuzzer's options] [corpus ...]` with one of `inputs`.
///
/// libFuzzer ignores options that begin with two dashes, and passes them to the processes that it starts.
public func fuzz(_ inputs: [HostileInput]) -> Never {
    let name = CommandLine.arguments.last { $0.hasPrefix("--input=") }?.dropFirst("--input=".count)
    chosen = inputs.first { $0.name == name.map(String.init) }
    guard chosen != nil else {
        print("usage: --input=NAME [options] [corpus ...], with one of", inputs.map(\.name))
        exit(64)
    }
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(
        fuzzerRunDriver(&count, &arguments) { bytes, count in
            do throws(BrokenPromise) {
                try chosen?.feed(Array(UnsafeBufferPointer(start: bytes, count: count)))
            } catch {
                fatalError("\(error)")
            }
            return 0
        }
    )
}
