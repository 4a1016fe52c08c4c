// A decoder's memory, so that a timeline can go on from a checkpoint.

extension HTTP2Decoder {
    /// All that is needed to go on at the next frame; `nil` after a fault and within a body.
    func snapshot() -> JSON? {
        guard failure == nil, client.body == 0, client.padding == 0, server.body == 0, server.padding == 0 else {
            return nil
        }
        return .object(["client": client.snapshot, "server": server.snapshot])
    }

    init?(snapshot: JSON, limits: WireLimits) {
        guard let client = snapshot["client"].flatMap(Lane.init(snapshot:)),
            let server = snapshot["server"].flatMap(Lane.init(snapshot:))
        else { return nil }
        self.init(limits: limits)
        self.client = client
        self.server = server
    }
}

extension HTTP2Decoder.Lane {
    var snapshot: JSON {
        .object(["footing": .unsigned(UInt64(footing.rawValue)), "headers": headers.snapshot])
    }

    init?(snapshot: JSON) {
        guard let number = snapshot["footing"]?.unsigned.flatMap(UInt8.init(exactly:)),
            let footing = HTTP2Decoder.Footing(rawValue: number),
            let headers = snapshot["headers"].flatMap(HPACKDecoder.init(snapshot:))
        else { return nil }
        self.init(footing: footing)
        self.headers = headers
    }
}

extension HPACKDecoder {
    var snapshot: JSON {
        let fields = table.dynamicFields.flatMap { [JSON.bytes($0.name), .bytes($0.value)] }
        return .object([
            "capacity": .unsigned(UInt64(table.capacity)), "allowed": .unsigned(UInt64(capacityAllowed)),
            "incomplete": .bool(isIncomplete), "fields": .array(fields),
        ])
    }

    init?(snapshot: JSON) {
        guard let capacity = snapshot["capacity"]?.unsigned, capacity <= UInt64(Self.capacityMaximum),
            let allowed = snapshot["allowed"]?.unsigned, allowed <= UInt64(Self.capacityMaximum),
            let isIncomplete = snapshot["incomplete"]?.bool, let texts = snapshot["fields"]?.array,
            texts.count % 2 == 0
        else { return nil }
        self.init()
        if isIncomplete { loseTrack() } else { allow(Int(allowed)) }
        table.resize(Int(capacity))
        for index in stride(from: 0, to: texts.count, by: 2) {
            guard let name = texts[index].bytes, let value = texts[index + 1].bytes else { return nil }
            table.insert(HPACKField(name, value))
        }
    }
}
