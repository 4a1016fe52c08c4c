"""Reads .wtr files without any code of Wiretrail's: `lz4 -dc` gives the raw records, docs/wtr.md their layout."""

import base64
import json
import struct
import subprocess
from dataclasses import dataclass, field

START, IDENTITY, DATA, NOTE, GAP, CHECKPOINT = range(1, 7)
UP, DOWN = 1, 2  # client to server, server to client
HEADER = struct.Struct("<IBBHIQQQq")


@dataclass
class Note:
    kind: str
    direction: int
    start: int
    end: int
    other_leg: bytes
    reason: str


@dataclass
class Recording:
    path: str
    facts: dict = field(default_factory=dict)
    bytes: dict = field(default_factory=lambda: {UP: bytearray(), DOWN: bytearray()})
    notes: list = field(default_factory=list)
    gaps: list = field(default_factory=list)
    sequences: list = field(default_factory=list)

    @property
    def client_port(self):
        """The client's own port, which names the connection in the tap's log."""
        return int(self.facts["client"].rpartition(":")[2])


def records(raw):
    offset = 0
    while offset < len(raw):
        length, kind, direction, flags, _, sequence, *_ = HEADER.unpack_from(raw, offset)
        assert flags == 0 and 1 <= kind <= 6, f"record at {offset}: kind {kind}, flags {flags}"
        yield kind, direction, sequence, memoryview(raw)[offset + HEADER.size:offset + 4 + length]
        offset += 4 + length
    assert offset == len(raw), "the last record is cut off"


def read(path):
    """The whole recording; an assertion fails where its records have a hole."""
    raw = subprocess.run(["lz4", "-dc", str(path)], capture_output=True, check=True).stdout
    recording = Recording(str(path))
    for kind, direction, sequence, payload in records(raw):
        recording.sequences.append(sequence)
        if kind == DATA:
            recording.bytes[direction] += payload
        elif kind == START:
            recording.facts = json.loads(bytes(payload))
        elif kind == GAP:
            recording.gaps.append(json.loads(bytes(payload)))
        elif kind == NOTE:
            note = json.loads(bytes(payload))
            other_leg = base64.b64decode(note.get("otherLeg", ""))
            recording.notes.append(
                Note(note["kind"], direction, note["from"], note["to"], other_leg, note["reason"]))
    assert recording.sequences == list(range(1, len(recording.sequences) + 1)), f"{path}: records are missing"
    return recording


def is_rejected(path):
    """Failed logins and scans go to one recording of their own, which belongs to no connection."""
    return "rejected" in str(path)
