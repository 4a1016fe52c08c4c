import Adapters
import Protocols
import Testing

/// The examples of RFC 7515, appendix A.2 and A.3.
enum SignatureExample {
    private static let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    static let rs256 =
        "eyJhbGciOiJSUzI1NiJ9.\(claims)."
        + "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb"
        + "F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383"
        + "LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy"
        + "wlVmtVrBp0igcN_IoypGlUPQGe77Rw"
    static let modulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZ"
        + "S-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2"
        + "R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcD"
        + "TW9gb54h4FRWyuXpoQ"
    static let es256 =
        "eyJhbGciOiJFUzI1NiJ9.\(claims)."
        + "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
    static let x = decoded("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU")
    static let y = decoded("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")

    static func decoded(_ text: some StringProtocol) -> [UInt8] { Base64URL.decode(text.utf8) ?? [] }

    static func parts(_ token: String) -> (message: [UInt8], signature: [UInt8]) {
        let parts = token.split(separator: ".")
        return (Array("\(parts[0]).\(parts[1])".utf8), decoded(parts[2]))
    }
}

@Suite struct SignatureTests {
    private func isValidRSA(
        _ signature: [UInt8], of message: [UInt8],
        modulus: [UInt8] = SignatureExample.decoded(SignatureExample.modulus),
        exponent: [UInt8] = [1, 0, 1]
    ) -> Bool {
        OpenSSLCryptography.isValidRSA(signature.span, of: message.span, modulus: modulus, exponent: exponent)
    }

    private func isValidP256(
        _ signature: [UInt8], of message: [UInt8], x: [UInt8] = SignatureExample.x, y: [UInt8] = SignatureExample.y
    ) -> Bool {
        OpenSSLCryptography.isValidP256(signature.span, of: message.span, x: x, y: y)
    }

    @Test func `RSA with PKCS 1 v1_5 and SHA-256`() {
        let (message, signature) = SignatureExample.parts(SignatureExample.rs256)
        #expect(isValidRSA(signature, of: message))
        #expect(!isValidRSA(signature, of: message + [0]))
        #expect(!isValidRSA([0] + signature, of: message))
        #expect(!isValidRSA(signature.dropLast(), of: message))
        #expect(!isValidRSA([], of: message))
        #expect(!isValidRSA([UInt8](repeating: 0, count: 256), of: message))
        for index in stride(from: 0, to: signature.count, by: 17) {
            var wrong = signature
            wrong[index] ^= 1
            #expect(!isValidRSA(wrong, of: message))
        }
    }

    @Test(arguments: [[], [0], [1], [UInt8](repeating: 0, count: 256), [UInt8](repeating: 0xff, count: 256)])
    func `an RSA key that is none has signed nothing`(_ number: [UInt8]) {
        let (message, signature) = SignatureExample.parts(SignatureExample.rs256)
        #expect(!isValidRSA(signature, of: message, modulus: number))
        #expect(!isValidRSA(signature, of: message, exponent: number))
    }

    @Test func `ECDSA with P-256 and SHA-256`() {
        let (message, signature) = SignatureExample.parts(SignatureExample.es256)
        #expect(isValidP256(signature, of: message))
        #expect(!isValidP256(signature, of: message + [0]))
        #expect(!isValidP256(signature + [0], of: message))
        #expect(!isValidP256([], of: message))
        for bit in stride(from: 0, to: 512, by: 7) {
            var wrong = signature
            wrong[bit / 8] ^= 1 << (bit % 8)
            #expect(!isValidP256(wrong, of: message))
        }
    }

    /// CVE-2022-21449: an implementation took r = s = 0 for a signature of anything by anybody.
    @Test func `an ECDSA signature of zeros is none`() {
        let (message, signature) = SignatureExample.parts(SignatureExample.es256)
        let zeros = [UInt8](repeating: 0, count: 32)
        #expect(!isValidP256(zeros + zeros, of: message))
        #expect(!isValidP256(zeros + signature[32...], of: message))
        #expect(!isValidP256(signature[..<32] + zeros, of: message))
        #expect(!isValidP256([UInt8](repeating: 0xff, count: 64), of: message))
    }

    @Test func `a point that is not on the curve is no key`() {
        let (message, signature) = SignatureExample.parts(SignatureExample.es256)
        var y = SignatureExample.y
        y[31] ^= 1
        #expect(!isValidP256(signature, of: message, y: y))
        let zeros = [UInt8](repeating: 0, count: 32)
        #expect(!isValidP256(signature, of: message, x: zeros, y: zeros))
        #expect(!isValidP256(signature, of: message, x: SignatureExample.x + [0]))
    }
}

@Suite struct Base64URLTests {
    @Test(arguments: [
        ("", []), ("-_8", [0xfb, 0xff]), ("Zg", [0x66]), ("Zm8", [0x66, 0x6f]), ("Zm9v", [0x66, 0x6f, 0x6f]),
    ])
    func `what is canonical is decoded`(_ text: String, _ bytes: [UInt8]) {
        #expect(Base64URL.decode(text.utf8) == bytes)
    }

    @Test(arguments: ["Z", "Zg==", "Zg=", "Zh", "Zm9", "+/8", "Zm 9v", "Zm9v\n", "Zm9v.", "Zm9vZ", "ä"])
    func `anything else is not`(_ text: String) {
        #expect(Base64URL.decode(text.utf8) == nil)
    }
}
