/// The status codes of gRPC (https://grpc.io/docs/guides/status-codes).
enum GRPCStatus {
    private static let names = [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ]

    /// "PERMISSION_DENIED"; the bare number for one without a name.
    static func name(_ code: String) -> String {
        guard let number = Int(code), names.indices.contains(number) else { return code }
        return names[number]
    }

    /// `grpc-message` is percent-encoded UTF-8 (PROTOCOL-HTTP2.md); what is no encoding stays as it is.
    static func message(_ bytes: [UInt8]) -> String {
        var output: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = Hex.digit(bytes[index + 1]),
                let low = Hex.digit(bytes[index + 2])
            {
                output.append(high << 4 | low)
                index += 3
            } else {
                output.append(bytes[index])
                index += 1
            }
        }
        return DisplayText.decode(output.span, limit: 4096)
    }
}

/// `grpc-timeout`: at most eight digits and a unit (PROTOCOL-HTTP2.md).
enum GRPCTimeout {
    /// `nil` when it is none.
    static func nanoseconds(_ text: [UInt8]) -> UInt64? {
        guard (2...9).contains(text.count), let unit = text.last,
            let value = UInt64(String(decoding: text.dropLast(), as: UTF8.self))
        else { return nil }
        let factor: UInt64
        switch unit {
        case UInt8(ascii: "H"): factor = 3_600_000_000_000
        case UInt8(ascii: "M"): factor = 60_000_000_000
        case UInt8(ascii: "S"): factor = 1_000_000_000
        case UInt8(ascii: "m"): factor = 1_000_000
        case UInt8(ascii: "u"): factor = 1000
        case UInt8(ascii: "n"): factor = 1
        default: return nil
        }
        let (product, overflows) = value.multipliedReportingOverflow(by: factor)
        return overflows ? .max : product
    }
}
