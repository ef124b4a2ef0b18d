// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Finds the user or group that may connect to a socket that denies this user.
public struct SocketOwner {
    private let path: String

    /// Examines the socket at `path`.
    public init(_ path: String) { self.path = path }

    /// The action that gives this user access, as part of a sentence.
    public var remedy: String {
        let owner = name(.ownerAccountName) ?? "its user"
        if owner == "root" { return "only root may connect: sudo undertone ..." }
        if path.hasSuffix("control.sock") {
            return "only \(owner) and root may give commands: sudo -u \(owner) undertone ..."
        }
        guard isForGroup, let group = name(.groupOwnerAccountName), group != "root" else {
            return "only \(owner) may connect; run this as that user"
        }
        return "only the group \(group) may connect: sudo usermod -aG \(group) $USER, then log in again"
    }

    private func name(_ key: FileAttributeKey) -> String? {
        let name = attributes?[key] as? String
        return name?.isEmpty == false ? name : nil
    }

    private var isForGroup: Bool { ((attributes?[.posixPermissions] as? Int) ?? 0) & 0o070 != 0 }

    /// Attributes of the socket or, if a folder hides it, of that folder.
    private var attributes: [FileAttributeKey: Any]? {
        var place = path as NSString
        while place.length > 1 {
            if let found = try? FileManager.default.attributesOfItem(atPath: place as String) { return found }
            place = place.deletingLastPathComponent as NSString
        }
        return nil
    }
}
