import Protocols
import Transport

/// The bytes of one direction that were read and not yet consumed.
///
/// They lie in a buffer of the loop, which is leased only while there are any. A message that has to be held whole and is
/// longer than that buffer (a long statement) is collected in `spill`; the decoder's limits bound it.
// Unchecked: confined to its relay's loop.
final class RelayLane: @unchecked Sendable {
    let direction: Direction
    private var buffer: Buffer?
    private var spill: [UInt8] = []
    /// When a message began to come that is not whole yet, by the monotonic clock; nanoseconds.
    private(set) var begun: UInt64?
    /// The source has no more to say.
    var hasEnded = false

    init(_ direction: Direction) { self.direction = direction }

    /// Takes in what was read elsewhere, before the lane began.
    func hold(_ head: [UInt8]) { spill += head }

    /// Reads once. `nil`: nothing there now; 0: the end.
    func read(from socket: Socket) throws(TransportError) -> Int? {
        var target = takeBuffer(socket.loop)
        if !spill.isEmpty || target.isFull {
            spill.append(target.bytes)
            target.consume(target.count)
        }
        let count = try socket.read(into: &target)
        if !target.isEmpty { buffer = consume target }
        return count
    }

    private func takeBuffer(_ loop: EventLoop) -> Buffer {
        if let held = buffer.take() { return held }
        return loop.lease()
    }

    /// Offers what is there, and drops what `use` has consumed.
    func offer(at now: UInt64, _ use: (Span<UInt8>) -> Int) {
        offer(use)
        if buffer == nil, spill.isEmpty { begun = nil } else if begun == nil { begun = now }
    }

    private func offer(_ use: (Span<UInt8>) -> Int) {
        if spill.isEmpty {
            guard var held = buffer.take() else { return }
            let consumed = use(held.bytes)
            held.consume(consumed)
            if !held.isEmpty { buffer = consume held }
        } else {
            if var held = buffer.take() {
                spill.append(held.bytes)
                held.consume(held.count)
            }
            let consumed = use(spill.span)
            if consumed == spill.count { spill = [] } else { spill.removeFirst(consumed) }
        }
    }
}
