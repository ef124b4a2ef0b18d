// SPDX-License-Identifier: Apache-2.0
package import ArgumentParser
import Glibc
import PlainText

extension AsyncParsableCommand {
    /// Parses the command line, runs the command and ends the process with one of the shared exit statuses.
    ///
    /// Replaces swift-argument-parser's `main()`, which ends with 64 after usage errors; scripts expect 2.
    /// - Parameters:
    ///   - arguments: the command line without the program's name, by default the process's own, in which bytes that
    ///     are not UTF-8 are kept as ``PlainText`` does; an error that it throws ends the program.
    ///   - failure: turns an error of another module into the status and sentence of this program.
    package static func start(
        _ arguments: @autoclosure @Sendable () throws -> [String] = PathText.arguments,
        failure: (any Error) -> ProgramFailure
    ) async -> Never {
        // With the signal ignored, write(2) reports a closed pipe as EPIPE, and the process is not killed.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot(try arguments())
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
            Glibc.exit(ExitStatus.success.rawValue)
        } catch is OutputClosed {
            Glibc.exit(ExitStatus.success.rawValue)
        } catch let error as ProgramFailure {
            end(error)
        } catch {
            endUnlessOwn(error, failure)
        }
    }

    private static func endUnlessOwn(_ error: any Error, _ failure: (any Error) -> ProgramFailure) -> Never {
        switch exitCode(for: error) {
        case .validationFailure:
            StandardError.write(fullMessage(for: error) + "\n")
            Glibc.exit(ExitStatus.usage.rawValue)
        case .success:
            // The parser prints help and version to the right stream.
            exit(withError: error)
        default:
            end(failure(error))
        }
    }

    private static func end(_ failure: ProgramFailure) -> Never {
        if !failure.description.isEmpty {
            StandardError.write("\(_commandName): \(plainText(failure.description))\n")
        }
        Glibc.exit(failure.status.rawValue)
    }
}
