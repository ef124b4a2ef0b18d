// SPDX-License-Identifier: Apache-2.0
import AudioCapture
import EventSocket
import ModelBundle
import ServiceRuntime

/// The exit status and the message for an error of one of the modules.
func describeFailure(_ error: any Error) -> ProgramFailure {
    switch error {
    case let failure as ProgramFailure: failure
    case let error as ModelError: ProgramFailure(.model, "\(error)")
    case let error as CaptureError: ProgramFailure(error.kind.status, "\(error)")
    case ClientError.permissionDenied(let path):
        ProgramFailure(.permission, "no permission to connect to \(path): \(SocketOwner(path).remedy)")
    case let error as ClientError: ProgramFailure(error.status, "\(error)")
    default: ProgramFailure(.other, "\(error)")
    }
}

extension CaptureError.Kind {
    fileprivate var status: ExitStatus {
        switch category {
        case .device: .captureDevice
        case .permission: .permission
        case .inputFile: .inputFile
        case .usage: .usage
        }
    }
}

extension ClientError {
    fileprivate var status: ExitStatus {
        switch self {
        case .unreachable, .timedOut, .broken: .daemonUnreachable
        case .permissionDenied: .permission
        case .protocolMismatch: .protocolMismatch
        case .refused(code: "not_permitted", _, _): .permission
        case .refused: .refused
        }
    }
}
