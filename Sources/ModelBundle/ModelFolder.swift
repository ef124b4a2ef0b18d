// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import StrictJSON

/// A model on disk: a folder with `config.json`, `model.safetensors` and `README.md`, the model card.
///
/// The caller decodes the configuration; this module guarantees that both files are valid, and that the weights are those
/// that the configuration was written for.
public struct ModelFolder: Sendable {
    /// Folder that the model was read from.
    public let path: String
    /// SHA-256 of the weights, 64 hexadecimal digits: models with equal hashes compute the same results.
    public let sha256: String
    /// The weights.
    public let tensors: TensorFile
    private let configuration: Data

    static let configurationName = "config.json"
    static let weightsName = "model.safetensors"
    static let cardName = "README.md"
    static let maximumConfigurationByteCount = 1 << 20

    /// Reads and checks the folder at `path`, or the bundled model of that name; see ``path(named:)``.
    public init(path text: String) throws(ModelError) {
        let path = Self.path(named: text)
        self.path = path
        let folder = try OpenFolder(path: path)
        let configuration = try folder.read(Self.configurationName, limit: Self.maximumConfigurationByteCount)
        let weights = try folder.read(Self.weightsName, limit: TensorFile.maximumByteCount)
        let weightsPath = path + "/" + Self.weightsName
        let expected = try Self.expectedHash(in: configuration, path: path)
        let actual = ModelBundle.sha256(weights)
        // Parse before hashing, because "it ends inside its header" is more helpful than "it was altered".
        tensors = try TensorFile(decoding: weights, path: weightsPath)
        guard actual == expected else {
            throw .altered(path: weightsPath, expected: expected, actual: actual)
        }
        sha256 = actual
        self.configuration = Data(configuration)
    }

    /// A folder in memory: `configuration` with `tensors`, without a check of the hash.
    package init(path: String, configuration: [UInt8], tensors: TensorFile) throws(ModelError) {
        self.path = path
        sha256 = try Self.expectedHash(in: configuration, path: path)
        self.tensors = tensors
        self.configuration = Data(configuration)
    }

    /// Decodes the part of `config.json` that `Configuration` describes; other keys are ignored.
    public func decodeConfiguration<Configuration: Decodable>(
        as type: Configuration.Type = Configuration.self
    ) throws(ModelError) -> Configuration {
        do {
            return try JSONDecoder().decode(type, from: configuration)
        } catch let error as DecodingError {
            throw .malformed(path: path + "/" + Self.configurationName, reason: error.sentence)
        } catch {
            throw .malformed(path: path + "/" + Self.configurationName, reason: "\(error)")
        }
    }

    private static func expectedHash(in configuration: [UInt8], path: String) throws(ModelError) -> String {
        let path = path + "/" + configurationName
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: configuration, limits: .model)
        } catch {
            throw .malformed(path: path, reason: "\(error)")
        }
        guard let hash = value.object?["weights"]?.object?["sha256"]?.string,
            hash.utf8.count == 64, hash.allSatisfy(\.isHexDigit)
        else { throw .malformed(path: path, reason: "it has no weights.sha256 of 64 hexadecimal digits") }
        return hash.lowercased()
    }
}

extension DecodingError {
    /// Position of the value and its error, as `encoder.width: ...`.
    fileprivate var sentence: String {
        switch self {
        case .keyNotFound(let key, let context): "\(Self.path(context.codingPath + [key])) is missing"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "\(Self.path(context.codingPath)) is not a \(type)"
        case .dataCorrupted(let context): "\(Self.path(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty
            ? "the text" : keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
    }
}
