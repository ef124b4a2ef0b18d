// SPDX-License-Identifier: Apache-2.0
import Foundation
import PlainText
import ServiceRuntime

/// The device's name for the daemon: a file's path is made absolute, since the daemon runs in another folder.
///
/// - Throws: a failure if this user cannot read that file.
func nameForDaemon(_ device: String) throws(ProgramFailure) -> String {
    let prefix = "file:"
    guard device.hasPrefix(prefix), device != prefix else { return device }
    let path = String(device.dropFirst(prefix.count))
    guard !isFolder(path) else {
        throw ProgramFailure(.inputFile, "\(path) is a folder; name a sound file in it")
    }
    guard PathText.withPath(path, { access($0, R_OK) }) == 0 else {
        throw ProgramFailure(.inputFile, "cannot read \(path): \(String(cString: strerror(errno)))")
    }
    return prefix + URL(filePath: path).standardizedFileURL.path
}
