import Protocols

extension CaptureDecoder {
    /// What is written of a capture that lies in memory and comes in these pieces. For tests and fuzzers.
    package func output(of capture: [UInt8], pieces: [Range<Int>]) -> [UInt8] {
        var sorter = PacketSorter(shards: 1, context.limits)
        var desk = DecodeDesk(context, filter, format.renderer)
        var printer = DecodePrinter(groupsFlows: format.renderer.groupsFlows)
        var rest: [UInt8] = []
        for piece in pieces {
            rest += capture[piece]
            var packets = [FlowPackets()]
            var assembled: [UInt8] = []
            let (consumed, fault) = sorter.sort(rest.span, into: &packets, assembled: &assembled)
            let readable = rest + assembled
            printer.print([desk.take(packets[0], readable.span)])
            if fault != nil { break }
            rest.removeFirst(consumed)
        }
        printer.print([desk.finish()])
        return printer.output
    }
}
