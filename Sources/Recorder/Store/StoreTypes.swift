public import Adapters

// The primitives that the files of this gateway use.

public typealias RecordingTree = MerkleTree<SHA256>
public typealias RecordingIndex = SparseIndex<SHA256>
public typealias RecordingSegmentEncoder = SegmentEncoder<SHA256, CRC32C, LZ4>
typealias RecordingSegmentDecoder = SegmentDecoder<CRC32C, LZ4>
