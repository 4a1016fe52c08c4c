import Testing

@testable import Protocols

@Suite struct PostgresValueTextTests {
    /// What PostgreSQL 15 sends in binary format for the text beside it.
    @Test(
        arguments: [
            (16, "01", "t"), (16, "00", "f"),
            (20, "fffffffffffffffe", "-2"), (21, "8000", "-32768"), (23, "7fffffff", "2147483647"),
            (26, "ffffffff", "4294967295"),
            (700, "3fc00000", "1.5"), (701, "3fb999999999999a", "0.1"),
            (2950, "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            (25, "6772c3bcc39f65", "grüße"), (25, "ff", "\\xff"), (3802, "017b7d", "{}"),
            (17, "000102", "\\x000102"), (99999, "0a", "\\x0a"),
            (1082, "00000000", "2000-01-01"), (1082, "7fffffff", "infinity"), (1082, "ffffffff", "1999-12-31"),
            (1114, "0000000000000001", "2000-01-01 00:00:00.000001"),
            (1184, "8000000000000000", "-infinity"),
            (1700, "0002000000000002000a1388", "10.50"), (1700, "0001ffff400000040001", "-0.0001"),
            (1700, "00000000c0000000", "NaN"), (1700, "0000000000000000", "0"),
            (1700, "0001000200000000000c", "1200000000"),
            (
                1007, "0000000100000001000000170000000300000001" + "0000000400000001" + "ffffffff" + "0000000400000003",
                "{1,NULL,3}"
            ),
            (1009, "000000010000000000000019000000020000000100000001610000000362226300", "\\x"),
            (1009, "0000000100000000000000190000000200000001" + "0000000161" + "00000003622263", "{a,\"b\\\"c\"}"),
            (1007, "000000000000000000000017", "{}"),
            (23, "0001", "\\x0001"),
        ] as [(UInt32, String, String)])
    func `a binary value is shown as text`(_ type: UInt32, _ hex: String, _ shown: String) throws {
        let bytes = try #require(Hex.decode(hex))
        let text = PostgresValueText.text(bytes.span, total: bytes.count, type: type, format: .binary)
        if shown == "\\x" { #expect(text == "\\x" + hex) } else { #expect(text == shown) }
    }

    @Test func `every prefix and every flipped bit of an array is survived`() throws {
        let array = try #require(
            Hex.decode("0000000100000001000006a40000000100000001" + "0000000a" + "00010000000000010005" + ""))
        for count in 0...array.count {
            _ = PostgresValueText.text(
                Array(array[..<count]).span, total: count, type: 1231, format: .binary)
        }
        for bit in 0..<array.count * 8 {
            var bytes = array
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            for type in [UInt32(1231), 1700, 3802, 0] {
                _ = PostgresValueText.text(bytes.span, total: bytes.count, type: type, format: .binary)
            }
        }
    }

    @Test func `what is too long says how much is left out`() {
        let bytes = [UInt8](repeating: 0x61, count: 1024)
        let text = PostgresValueText.text(bytes.span, total: 5000, type: 25, format: .text)
        #expect(text == String(repeating: "a", count: 1024) + "… (3976 bytes more)")
    }
}
