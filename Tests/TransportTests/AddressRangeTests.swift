import Testing
import Transport

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.0.0.0/8", "9.255.255.255", false),
        ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.6", false), ("192.0.2.6/31", "192.0.2.7", true),
        ("192.0.2.6/31", "192.0.2.8", false), ("0.0.0.0/0", "255.255.255.255", true), ("0.0.0.0/0", "::1", false),
        ("128.0.0.0/1", "127.255.255.255", false), ("128.0.0.0/1", "128.0.0.0", true),
        ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::", false), ("::1", "::1", true),
        ("::1/128", "::2", false), ("::/0", "fe80::1", true), ("::/0", "10.0.0.1", false),
        ("10.0.0.0/8", "::ffff:10.0.0.1", true), ("::ffff:10.0.0.1", "10.0.0.1", true),
        ("::a00:1", "10.0.0.1", false),
    ])
    func `a range holds the addresses that begin as it does`(range: String, host: String, isIn: Bool) throws {
        let range = try #require(AddressRange(range))
        #expect(range.contains(try #require(SocketAddress(host: host, port: 80))) == isIn)
    }

    @Test func `a scope makes no other address of it, and a path is in none`() throws {
        let range = try #require(AddressRange("fe80::/10"))
        #expect(range.contains(.ipv6(0xfe80 << 112 | 1, port: 5, scope: 2)))
        #expect(!range.contains(.unix(path: "/run/x")))
    }

    @Test(arguments: [
        "", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8", "10.0.0.0/ 8",
        "10.0.0.1/8", "10.0.0.0/٨", "10.0.0/8", "localhost", "2001:db8::/129", "2001:db8::1/32", "[::1]",
        "::ffff:10.0.0.0/104", "10.0.0.0/99999999999999999999",
    ])
    func `what is no range is none`(text: String) { #expect(AddressRange(text) == nil) }
}
