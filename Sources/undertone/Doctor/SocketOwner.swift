// SPDX-License-Identifier: Apache-2.0
import Foundation

/// Who may connect to a socket that denies it to this user.
public struct SocketOwner {
    private let path: String

    /// Asks about the socket at `path`.
    public init(_ path: String) { self.path = path }

    /// What this user can do about it, a part of a sentence.
    public var remedy: String {
        let owner = name(.ownerAccountName) ?? "its user"
        if owner == "root" { return "it is for root alone: sudo undertone ..." }
        if path.hasSuffix("control.sock") {
            return "only \(owner) and root may give commands: sudo -u \(owner) undertone ..."
        }
        guard isForGroup, let group = name(.groupOwnerAccountName), group != "root" else {
            return "it is for programs of \(owner) alone; ask as that user"
        }
        return "it is for the group \(group): sudo usermod -aG \(group) $USER, then log in anew"
    }

    private func name(_ key: FileAttributeKey) -> String? {
        let name = attributes?[key] as? String
        return name?.isEmpty == false ? name : nil
    }

    private var isForGroup: Bool { ((attributes?[.posixPermissions] as? Int) ?? 0) & 0o070 != 0 }

    /// Of the socket, else, where a folder hides it, of that folder.
    private var attributes: [FileAttributeKey: Any]? {
        var place = path as NSString
        while place.length > 1 {
            if let found = try? FileManager.default.attributesOfItem(atPath: place as String) { return found }
            place = place.deletingLastPathComponent as NSString
        }
        return nil
    }
}
