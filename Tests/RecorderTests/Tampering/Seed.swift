import WireTestKit

/// How many mutations are tried: the value of `WIRETRAIL_MUTATIONS`, which `make prove` sets to 100,000.
let mutations = environment("WIRETRAIL_MUTATIONS").flatMap { Int($0) } ?? 3_000
/// A run is repeated with the seed that it printed, as `WIRETRAIL_SEED`.
let seed = environment("WIRETRAIL_SEED").flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
