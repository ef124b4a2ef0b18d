// SPDX-License-Identifier: Apache-2.0

/// A named array of numbers in a safetensors file.
public struct NamedTensor: Sendable, Equatable {
    /// PyTorch's name of the parameter, such as `blocks.0.conv.weight`.
    public var name: String
    /// Sizes, outermost first.
    public var shape: [Int]
    /// The values, row-major.
    public var values: [Float]

    /// The product of `shape` must equal the count of `values`.
    public init(name: String, shape: [Int], values: [Float]) {
        precondition(shape.reduce(1, *) == values.count, "\(name): \(values.count) values for \(shape)")
        self.name = name
        self.shape = shape
        self.values = values
    }
}

/// The tensors of a valid safetensors file.
///
/// The file consists of eight bytes of header length, a JSON header, and the numbers. Nothing in it is trusted: lengths
/// are checked before memory is allocated, products for overflow; the ranges must cover the body without gap or overlap,
/// names must be unique, and only finite 32-bit floats are accepted.
public struct TensorFile: Sendable {
    /// Maximum size of a model file, in bytes.
    public static let maximumByteCount = 64 << 20
    /// Maximum size of a header, in bytes.
    public static let maximumHeaderByteCount = 1 << 20
    /// Maximum number of tensors in a file.
    public static let maximumTensorCount = 4096
    /// Maximum number of dimensions of a tensor.
    public static let maximumDimensionCount = 8

    struct Entry: Sendable {
        let shape: [Int]
        let bytes: Range<Int>
    }

    private let path: String
    private let body: ArraySlice<UInt8>
    private let entries: [String: Entry]

    /// Checks all of `bytes`; `path` names the file in errors.
    public init(decoding bytes: [UInt8], path: String) throws(ModelError) {
        self.path = path
        do throws(TensorHeader.Fault) {
            let header = try TensorHeader(of: bytes)
            entries = header.entries
            body = bytes[header.bodyStart...]
        } catch {
            throw .malformed(path: path, reason: error.reason)
        }
        for (name, entry) in entries.sorted(by: { $0.key < $1.key }) where !isFinite(entry) {
            throw .malformed(
                path: path,
                reason: "\(TensorHeader.quoted(name)) has a value that is not finite"
            )
        }
    }

    /// All names, sorted.
    public var names: [String] { entries.keys.sorted() }

    /// The shape of a tensor; nil if there is none of that name.
    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// Number of values in the file.
    public var parameterCount: Int { entries.values.reduce(0) { $0 + $1.bytes.count / 4 } }

    /// The values of a tensor; throws unless it has exactly this shape.
    public func floats(of name: String, shape: [Int]) throws(ModelError) -> [Float] {
        floats(try entry(of: name, shape: shape))
    }

    /// Throws unless there is a tensor of this name and exactly this shape; does not decode it.
    public func check(_ name: String, shape: [Int]) throws(ModelError) {
        _ = try entry(of: name, shape: shape)
    }

    private func entry(of name: String, shape: [Int]) throws(ModelError) -> Entry {
        guard let entry = entries[name] else {
            throw .incompatible(reason: "\(path) has no tensor \"\(name)\"")
        }
        guard entry.shape == shape else {
            throw .incompatible(
                reason: "the tensor \"\(name)\" of \(path) has shape \(entry.shape), not \(shape)"
            )
        }
        return entry
    }

    private func floats(_ entry: Entry) -> [Float] {
        Array(unsafeUninitializedCapacity: entry.bytes.count / 4) { values, initialized in
            forEachBitPattern(of: entry) { values.initializeElement(at: $0, to: Float(bitPattern: $1)) }
            initialized = entry.bytes.count / 4
        }
    }

    private func isFinite(_ entry: Entry) -> Bool {
        var isFinite = true
        // An exponent of all ones is infinity or NaN.
        forEachBitPattern(of: entry) { isFinite = isFinite && $1 & 0x7F80_0000 != 0x7F80_0000 }
        return isFinite
    }

    private func forEachBitPattern(of entry: Entry, _ visit: (Int, UInt32) -> Void) {
        body.withUnsafeBytes { body in
            for index in 0..<entry.bytes.count / 4 {
                // SAFETY: TensorHeader has checked that the entry is inside the body.
                let bits = body.loadUnaligned(
                    fromByteOffset: entry.bytes.lowerBound + 4 * index,
                    as: UInt32.self
                )
                visit(index, UInt32(littleEndian: bits))
            }
        }
    }
}
