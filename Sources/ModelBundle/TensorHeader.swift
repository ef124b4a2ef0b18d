// SPDX-License-Identifier: Apache-2.0
import StrictJSON

/// The table at the start of a safetensors file, checked against the limits of `TensorFile`.
struct TensorHeader {
    let entries: [String: TensorFile.Entry]
    let bodyStart: Int

    /// The rule that a header breaks.
    struct Fault: Error {
        let reason: String
    }

    init(of bytes: [UInt8]) throws(Fault) {
        bodyStart = try Self.bodyStart(of: bytes)
        let table = try Self.parseTable(bytes[8..<bodyStart])
        guard table.count <= TensorFile.maximumTensorCount else {
            throw Fault(reason: "more tensors than a model has")
        }
        var entries: [String: TensorFile.Entry] = [:]
        for (name, description) in table {
            entries[name] = try Self.entry(description, named: name)
        }
        self.entries = entries
        try checkCoverage(bodyCount: bytes.count - bodyStart)
    }

    /// A name from the file, safe for a message: short, and without line breaks or control characters.
    static func quoted(_ name: String) -> String {
        "\""
            + String(
                name.unicodeScalars.prefix(64).map {
                    $0.value < 0x20 || $0.value == 0x7F ? "?" : Character($0)
                }
            ) + "\""
    }

    private static func bodyStart(of bytes: [UInt8]) throws(Fault) -> Int {
        guard bytes.count >= 8 else { throw Fault(reason: "it ends inside its first eight bytes") }
        let length = (0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[$1]) }
        guard length <= TensorFile.maximumHeaderByteCount else {
            throw Fault(reason: "its header would be \(length) bytes long")
        }
        guard length <= bytes.count - 8 else { throw Fault(reason: "it ends inside its header") }
        return 8 + Int(length)
    }

    private static func parseTable(_ bytes: ArraySlice<UInt8>) throws(Fault) -> [String: JSONValue] {
        // Nothing may precede the brace, so that no other kind of file is accepted as a model.
        guard bytes.first == UInt8(ascii: "{") else {
            throw Fault(reason: "its header does not begin with a brace")
        }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, limits: .model)
        } catch {
            throw Fault(reason: "its header has \(error)")
        }
        guard var table = value.object else { throw Fault(reason: "its header is not an object") }
        if let metadata = table.removeValue(forKey: "__metadata__") {
            guard let values = metadata.object?.values, values.allSatisfy({ $0.string != nil }) else {
                throw Fault(reason: "its metadata is not a table of texts")
            }
        }
        return table
    }

    private static func entry(_ description: JSONValue, named name: String) throws(Fault) -> TensorFile.Entry
    {
        guard let fields = description.object, Set(fields.keys) == ["dtype", "shape", "data_offsets"] else {
            throw Fault(reason: "\(quoted(name)) is not described by dtype, shape and data_offsets")
        }
        guard fields["dtype"]?.string == "F32" else {
            throw Fault(reason: "\(quoted(name)) is not of 32-bit floats")
        }
        let shape = try integers(fields["shape"], of: name, field: "shape")
        let offsets = try integers(fields["data_offsets"], of: name, field: "data_offsets")
        guard shape.count <= TensorFile.maximumDimensionCount else {
            throw Fault(reason: "\(quoted(name)) has \(shape.count) dimensions")
        }
        guard offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1] else {
            throw Fault(reason: "\(quoted(name)) has no range of bytes")
        }
        guard let byteCount = byteCount(of: shape), byteCount == offsets[1] - offsets[0] else {
            throw Fault(
                reason: "\(quoted(name)) of shape \(shape) does not fill bytes \(offsets[0]) to \(offsets[1])"
            )
        }
        return TensorFile.Entry(shape: shape, bytes: offsets[0]..<offsets[1])
    }

    private static func integers(_ value: JSONValue?, of name: String, field: String) throws(Fault) -> [Int] {
        let integers = value?.array?.map(\.literalInteger) ?? [nil]
        guard !integers.contains(nil) else {
            throw Fault(reason: "\(quoted(name)) has a \(field) that is not a list of whole numbers")
        }
        return integers.compactMap { $0 }
    }

    /// Four times the product of the sizes; nil if a size is below 1 or the product overflows.
    private static func byteCount(of shape: [Int]) -> Int? {
        shape.reduce(4 as Int?) { product, size in
            guard let product, size > 0 else { return nil }
            let (result, overflow) = product.multipliedReportingOverflow(by: size)
            return overflow ? nil : result
        }
    }

    private func checkCoverage(bodyCount: Int) throws(Fault) {
        var end = 0
        for (name, entry) in entries.sorted(by: { $0.value.bytes.lowerBound < $1.value.bytes.lowerBound }) {
            guard entry.bytes.lowerBound == end else {
                throw Fault(
                    reason: "\(Self.quoted(name)) leaves a gap or overlaps at byte \(end) of the body"
                )
            }
            end = entry.bytes.upperBound
        }
        guard end == bodyCount else {
            throw Fault(reason: "it has \(bodyCount) bytes of numbers where \(end) belong")
        }
    }
}

extension JSONLimits {
    /// Limits far above those of any real model.
    static let model = JSONLimits(depth: 16, values: 100_000)
}
