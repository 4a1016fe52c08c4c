#!/usr/bin/env python3
"""Reads recordings with no code of Wiretrail's: written from docs/wtr.md alone, whose sections it cites.

Usage: wtr.py FILE...      each record as one JSON object per line
"""

import base64
import json
import struct
import sys
import uuid
from dataclasses import dataclass

import lz4.block
from crc32c import crc32c

SEGMENT, INDEX, END = 1, 2, 3
START, IDENTITY, DATA, NOTE, GAP, CHECKPOINT = range(1, 7)
CLIENT_TO_SERVER, SERVER_TO_CLIENT = 1, 2
RAW_MAXIMUM, BLOCK_MAXIMUM, FRAME_MAXIMUM = 1 << 20, 256 << 10, 16 << 20

# §1.1, what follows it in §1.2, and §2.
HEAD = struct.Struct("<II4sBBH16sQ")
SEGMENT_FIELDS = struct.Struct("<QQQQqqQQIIII44s")
RECORD = struct.Struct("<IBBHIQQQq")
SEGMENT_BYTES = 168
FRAME_BYTES = {SEGMENT: SEGMENT_BYTES, END: 328}
LZ4_DESCRIPTOR = bytes.fromhex("04224d186050fb")


class Altered(Exception):
    """Something is not as the page says; the first argument tells what, the second where in the file."""


class Incomplete(Altered):
    """The file ends inside something."""


def demand(condition, what, offset):
    if not condition:
        raise Altered(what, offset)


@dataclass
class Frame:
    offset: int
    type: int
    recording: uuid.UUID
    number: int
    bytes: bytes

    @property
    def end(self):
        return self.offset + len(self.bytes)


@dataclass
class Segment:
    frame: Frame
    first: int
    last: int
    monotonic: tuple
    wall: tuple
    streams: tuple
    raw_size: int
    count: int
    body: bytes

    @property
    def end(self):
        return self.frame.offset + SEGMENT_BYTES + len(self.body)


@dataclass
class Record:
    type: int
    direction: int
    stream: int
    sequence: int
    gateway_sequence: int
    monotonic: int
    wall: int
    payload: bytes

    @property
    def facts(self):
        """The payload's JSON object (§2)."""
        return strict_json(self.payload)


def strict_json(text):
    def once(pairs):
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a name occurs twice")
        return members

    value = json.loads(text.decode("utf-8"), object_pairs_hook=once)
    if not isinstance(value, dict) or value.get("v") != 1:
        raise ValueError("no object of version 1")
    return value


# §1 and §5: frames and segments


def read_frame(file, offset, due=None):
    """The frame at `offset`, checked as §1.1 says; None at the file's end. Only one of type `due` may be cut off, if given."""
    file.seek(offset)
    head = file.read(HEAD.size)
    if not head:
        return None
    if len(head) < HEAD.size:
        raise Incomplete("a frame is cut off", offset)
    magic, length, name, version, kind, flags, recording, number = HEAD.unpack(head)
    demand(magic == 0x184D2A57 and name == b"WTRL", "no frame begins here", offset)
    demand(version == 1 and kind != 0 and flags == 0, "a frame of another version", offset)
    demand(36 <= length <= FRAME_MAXIMUM, "a frame's length is impossible", offset)
    demand(kind not in FRAME_BYTES or length + 8 == FRAME_BYTES[kind], "a frame has another length", offset)
    demand(due in (None, kind), "INDEX and END do not follow the segments", offset)
    data = head + file.read(length + 8 - HEAD.size)
    if len(data) < length + 8:
        raise Incomplete("a frame is cut off", offset)
    demand(crc32c(data[:-4]) == int.from_bytes(data[-4:], "little"), "a frame does not fit its CRC", offset)
    return Frame(offset, kind, uuid.UUID(bytes=recording), number, data)


def read_segment(file, frame):
    """The segment that `frame` begins (§1.2)."""
    (first, last, mono1, mono2, wall1, wall2, up, down, raw_size, stored, count, crc,
     reserved) = SEGMENT_FIELDS.unpack_from(frame.bytes, HEAD.size)
    demand(reserved == bytes(44), "a segment uses a reserved field", frame.offset)
    demand(0 < raw_size <= RAW_MAXIMUM, "a raw size is impossible", frame.offset)
    demand(0 < stored <= raw_size + 11 + 4 * -(-raw_size // BLOCK_MAXIMUM), "a stored size is impossible", frame.offset)
    demand(count > 0 and first > 0 and last - first + 1 == count, "sequences and count differ", frame.offset)
    body = file.read(stored)
    if len(body) < stored:
        raise Incomplete("a segment is cut off", frame.offset)
    demand(crc32c(body) == crc, "a segment does not fit its CRC", frame.offset)
    return Segment(frame, first, last, (mono1, mono2), (wall1, wall2), (up, down), raw_size, count, body)


def walk(file):
    """Every frame up to INDEX or END, in order: a Segment, or a Frame of a type that this reader does not know."""
    offset, number, sequence, streams, recording = 0, 0, 1, (0, 0), None
    while frame := read_frame(file, offset):
        recording = recording or frame.recording
        demand(frame.recording == recording, "a frame of another recording", offset)
        if frame.type in (INDEX, END):
            return
        demand(frame.number == number, "a frame is out of order", offset)
        number += 1
        if frame.type != SEGMENT:
            offset += len(frame.bytes)
            yield frame
            continue
        segment = read_segment(file, frame)
        demand(segment.first == sequence, "records do not follow those before them", offset)
        demand(all(now >= before for now, before in zip(segment.streams, streams)), "streams run backwards", offset)
        sequence, streams = segment.last + 1, segment.streams
        offset = segment.end
        yield segment


def decompress(segment):
    """A segment's raw bytes (§1.2)."""
    body, raw, at = segment.body, [], len(LZ4_DESCRIPTOR)
    where = segment.frame.offset + SEGMENT_BYTES
    demand(body.startswith(LZ4_DESCRIPTOR), "another LZ4 descriptor", where)
    while True:
        demand(at + 4 <= len(body), "an LZ4 frame is cut off", where)
        size = int.from_bytes(body[at:at + 4], "little")
        at += 4
        if size == 0:
            break
        block = body[at:at + (size & 0x7FFFFFFF)]
        demand(len(block) == size & 0x7FFFFFFF <= BLOCK_MAXIMUM, "an LZ4 block is too long", where)
        at += len(block)
        try:
            raw.append(block if size >> 31 else lz4.block.decompress(block, uncompressed_size=BLOCK_MAXIMUM))
        except lz4.block.LZ4BlockError:
            raise Altered("an LZ4 block does not decompress", where) from None
    raw = b"".join(raw)
    demand(at == len(body) and len(raw) == segment.raw_size, "another raw size", where)
    return raw


def segment_records(segment):
    """The records of one segment (§2), checked against its header."""
    raw, offset, sequence, where = decompress(segment), 0, segment.first, segment.frame.offset
    while offset < len(raw):
        demand(offset + RECORD.size <= len(raw), "a record is cut off", where)
        length, kind, direction, flags, *rest = RECORD.unpack_from(raw, offset)
        demand(40 <= length <= RAW_MAXIMUM - 4 and offset + 4 + length <= len(raw), "a record's length", where)
        demand(START <= kind <= CHECKPOINT and direction <= 2 and flags == 0, "a record of another version", where)
        record = Record(kind, direction, *rest, raw[offset + RECORD.size:offset + 4 + length])
        demand(record.sequence == sequence, "a record is out of sequence", where)
        places = (START, GAP) if sequence == 1 else (IDENTITY, DATA, NOTE, GAP, CHECKPOINT)
        demand(kind in places, "START is not the first record, or not the only one", where)
        yield record
        sequence += 1
        offset += 4 + length
    demand(sequence == segment.last + 1, "another count of records", where)


def records(path):
    """Every record of a recording, in order (§5)."""
    streams = [0, 0]
    with open(path, "rb") as file:
        for segment in walk(file):
            if isinstance(segment, Frame):
                continue
            demand(tuple(streams) == segment.streams, "other stream offsets", segment.frame.offset)
            for record in segment_records(segment):
                if record.type == DATA:
                    streams[record.direction - 1] += len(record.payload)
                elif record.type == GAP and record.direction:
                    streams[record.direction - 1] += record.facts.get("length", 0)
                yield record


def main():
    for path in sys.argv[1:]:
        for record in records(path):
            payload = base64.b64encode(record.payload).decode() if record.type == DATA else record.facts
            line = {**vars(record), "payload": payload}
            print(json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


if __name__ == "__main__":
    main()
