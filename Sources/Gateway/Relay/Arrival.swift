import Protocols
import Transport

/// A caller who has been received: who it is, where it goes, and how far the conversation has come.
struct Arrival<Peer: Endpoint>: Sendable {
    var identity: Identity
    /// The upstream's name in recordings and lists; no credential.
    var target: String
    /// Version and cipher of the client's leg; `nil` for plain text.
    var tls: String?
    var purpose: Peer.Purpose
    /// What has crossed so far, and what the client had sent beyond it.
    var prologue: Prologue
    var rest: [UInt8]
    /// In step with what the client has said and read.
    var decoder: Peer.Decoder
    var policy: Peer.Policy
}

/// What became of a caller.
enum Reception<Peer: Endpoint>: Sendable {
    case arrived(Arrival<Peer>)
    /// It was not let in, and has been told so.
    case turnedAway(Prologue, reason: String)
}

/// What became of reaching the upstream.
enum Dialed: Sendable {
    /// The upstream is there; `head` is what it has already said and the client is to get.
    case connected(Socket, head: [UInt8], notes: [String])
    /// There is nothing to relay; `words` go to the client.
    case ended(words: [UInt8], reason: String, notes: [String])
    /// It cannot be reached; the client's connection goes on, and is told by whoever asked for the upstream.
    case failed(UpstreamFailure)
}
