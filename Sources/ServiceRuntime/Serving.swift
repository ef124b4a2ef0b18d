// SPDX-License-Identifier: Apache-2.0
public import Logging
public import ServiceLifecycle
import UnixSignals

/// Runs services until SIGTERM or SIGINT, then ends them in reverse order.
///
/// Services that have not ended after `drain` are cancelled. Returns when all have ended.
///
/// - Throws: the error of the first service that failed; the others are ended first.
public func serve(_ services: [any Service], drain: Duration = .seconds(1), logger: Logger) async throws {
    var configuration = ServiceGroupConfiguration(
        services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger
    )
    configuration.maximumGracefulShutdownDuration = drain
    try await ServiceGroup(configuration: configuration).run()
}
