import Glibc
import Protocols
import Transport

/// Sends back what comes, until the peer ends.
func echo(_ socket: Socket) async {
    do {
        while true {
            await socket.readable()
            var buffer = socket.loop.lease()
            guard let count = try socket.read(into: &buffer) else { continue }
            if count == 0 { break }
            try socket.send(buffer.bytes)
            if socket.isAboveMark { await socket.belowMark() }
        }
        socket.drainThenClose()
    } catch { socket.close() }
}

/// Reads until the end.
func readAll(_ socket: Socket) async throws(TransportError) -> [UInt8] {
    var all: [UInt8] = []
    while true {
        await socket.readable()
        var buffer = socket.loop.lease()
        guard let count = try socket.read(into: &buffer) else { continue }
        if count == 0 { return all }
        all.append(buffer.bytes)
    }
}
