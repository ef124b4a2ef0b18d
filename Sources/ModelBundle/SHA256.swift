// SPDX-License-Identifier: Apache-2.0
import CModelFiles

/// The SHA-256 of `bytes` as 64 lower-case hexadecimal digits.
public func sha256(_ bytes: [UInt8]) -> String {
    var digest = [UInt8](repeating: 0, count: 32)
    model_files_sha256(bytes, bytes.count, &digest)
    return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
