// SPDX-License-Identifier: Apache-2.0

extension TensorFile {
    /// The bytes of a safetensors file with `tensors` in this order; the same tensors give the same bytes.
    ///
    /// Names must be unique.
    public static func encode(_ tensors: [NamedTensor]) -> [UInt8] {
        precondition(Set(tensors.map(\.name)).count == tensors.count, "two tensors have the same name")
        var offset = 0
        let fields = tensors.map { tensor in
            let start = offset
            offset += 4 * tensor.values.count
            return
                "\(quotedJSON(tensor.name)):{\"dtype\":\"F32\",\"shape\":\(tensor.shape.compactDescription),"
                + "\"data_offsets\":[\(start),\(offset)]}"
        }
        var header = Array("{\(fields.joined(separator: ","))}".utf8)
        // The numbers begin at a multiple of eight, as programs that map the file prefer.
        header += Array(repeating: UInt8(ascii: " "), count: -header.count & 7)
        var bytes = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        bytes.reserveCapacity(8 + header.count + offset)
        bytes += header
        for value in tensors.lazy.flatMap(\.values) {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
        }
        return bytes
    }

    private static func quotedJSON(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\u{0}"..<"\u{20}":
                "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }
}

extension [Int] {
    fileprivate var compactDescription: String { "[" + map(String.init).joined(separator: ",") + "]" }
}
