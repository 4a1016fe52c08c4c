import Protocols
import Testing

@Suite struct ByteReadingTests {
    @Test func `a byte is found wherever it stands, and nowhere else`() {
        for count in [1, 31, 32, 33, 63, 64, 65, 100] {
            for place in 0..<count {
                var bytes = [UInt8](repeating: 1, count: count)
                bytes[place] = 0
                for start in 0...count {
                    #expect(bytes.span.firstIndex(of: 0, from: start) == (start <= place ? place : nil))
                }
            }
        }
    }

    @Test func `the first of several is found`() {
        var bytes = [UInt8](repeating: 1, count: 100)
        for place in [97, 63, 64, 40] {
            bytes[place] = 0
            #expect(bytes.span.firstIndex(of: 0, from: 0) == bytes.firstIndex(of: 0))
        }
        #expect(bytes.span.firstIndex(of: 2, from: 0) == nil)
        #expect(bytes.span.firstIndex(of: 0, from: 1000) == nil)
    }
}
