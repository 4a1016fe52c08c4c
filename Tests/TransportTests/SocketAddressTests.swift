import Testing
import Transport

@Suite struct SocketAddressTests {
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:7", true), ("0.0.0.0", "0.0.0.0:7", false), ("10.0.0.1", "10.0.0.1:7", false),
        ("::1", "[::1]:7", true), ("::", "[::]:7", false), ("2001:db8::1", "[2001:db8::1]:7", false),
        ("::ffff:127.0.0.1", "127.0.0.1:7", true), ("::ffff:10.0.0.1", "10.0.0.1:7", false),
    ])
    func `an address in numbers is what it says`(_ host: String, _ text: String, _ isLoopback: Bool) throws {
        let address = try #require(SocketAddress(host: host, port: 7))
        #expect(address.description == text)
        #expect(address.isLoopback == isLoopback)
    }

    @Test(arguments: ["", "localhost", "127.1", "0x7f.0.0.1", "127.0.0.1 ", "[::1]", "1.2.3.4.5", "fe80::1%lo"])
    func `names and shorthands are none`(_ host: String) {
        #expect(SocketAddress(host: host, port: 7) == nil)
    }
}
