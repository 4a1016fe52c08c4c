"""A recording as the harness compares it: both streams, and what the NOTEs say about them."""

import base64
from dataclasses import dataclass, field

from wtr import CLIENT_TO_SERVER as UP, DATA, GAP, NOTE, SERVER_TO_CLIENT as DOWN, START, records


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
    begun: int = 0
    bytes: dict = field(default_factory=lambda: {UP: bytearray(), DOWN: bytearray()})
    notes: list = field(default_factory=list)
    gaps: list = field(default_factory=list)

    @property
    def client_port(self):
        """The client's own port, which names the connection in the tap's log, together with when it was opened."""
        return int(self.facts["client"].rpartition(":")[2])


def read(path):
    """The whole recording; raises where its records have a hole."""
    recording = Recording(str(path))
    for record in records(path):
        if record.type == DATA:
            recording.bytes[record.direction] += record.payload
        elif record.type == START:
            recording.facts, recording.begun = record.facts, record.wall
        elif record.type == GAP:
            recording.gaps.append(record.facts)
        elif record.type == NOTE:
            note = record.facts
            other_leg = base64.b64decode(note.get("otherLeg", ""))
            recording.notes.append(
                Note(note["kind"], record.direction, note["from"], note["to"], other_leg, note["reason"]))
    return recording


def is_rejected(recording):
    """Failed logins and scans go to one recording of their own, which belongs to no connection."""
    return recording.facts["protocol"] == "rejected"
