import Protocols
import Transport

/// Where clients connect to, as psql takes it.
enum PostgresAddress {
    /// - Parameter host: instead of the address's own.
    static func text(_ address: SocketAddress, user: String, database: String?, host: String? = nil) -> String {
        let place =
            if let host, let port = address.port {
                "\(host.contains(":") ? "[\(host)]" : host):\(port)"
            } else if case .unix(let path) = address, let parts = unixParts(path) {
                "\(escape(parts.folder)):\(parts.port)"
            } else { address.description }
        return "postgres://\(escape(user))@\(place)/\(escape(database ?? ""))"
    }

    /// The folder and the port that libpq makes a socket's path of.
    static func unixParts(_ path: String) -> (folder: String, port: UInt16)? {
        guard let name = path.firstRange(of: "/.s.PGSQL."), name.lowerBound > path.startIndex,
            let port = UInt16(path[name.upperBound...])
        else { return nil }
        return (String(path[..<name.lowerBound]), port)
    }

    /// RFC 3986 §2.3: all but unreserved characters are percent-encoded.
    static func escape(_ text: String) -> String {
        text.utf8.reduce(into: "") { output, byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                output.unicodeScalars.append(Unicode.Scalar(byte))
            default: output += "%\(Hex.encode([byte]).uppercased())"
            }
        }
    }
}
