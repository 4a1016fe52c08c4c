#!/usr/bin/env python3
"""Verifies recordings and their ledger with no code of Wiretrail's: written from docs/wtr.md alone, whose sections it cites.

Usage: verify_wtr.py [--key PEM]... FILE|DIR...
Exit status: 0 all of it holds, 3 altered, 4 incomplete, 5 unknown signer; the gravest one.
"""

import argparse
import base64
import hashlib
import json
import pathlib
import struct
import sys
import uuid
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import wtr
from wtr import HEAD, Altered, Frame, Incomplete, demand

INDEX_FIELDS = struct.Struct("<QQ")
ENTRY = struct.Struct("<QQQQqQQ32s")
END_FIELDS = struct.Struct("<32s32sQQQQQQqqB55s32s64sI")
END_BYTES, LINE_MAXIMUM = wtr.FRAME_BYTES[wtr.END], 4096


class UnknownSigner(Altered):
    """A signature by a key that nobody said to trust."""


# §3: the tree


def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def tree_hash(hashes):
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + tree_hash(hashes[:split]) + tree_hash(hashes[split:])).digest()


# §6: whom to trust


class Keys:
    """Public keys that are trusted, by their name: the hash of their 32 bytes."""

    def __init__(self, paths):
        self.by_id = {}
        for path in paths:
            key = serialization.load_pem_public_key(pathlib.Path(path).read_bytes())
            assert isinstance(key, Ed25519PublicKey), f"{path}: no Ed25519 key"
            raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            self.by_id[hashlib.sha256(raw).digest()] = key

    def check(self, signer, signature, message, offset):
        if signer not in self.by_id:
            raise UnknownSigner(f"signed by {signer.hex()}", offset)
        try:
            self.by_id[signer].verify(signature, message)
        except InvalidSignature:
            raise Altered("the signature does not hold", offset) from None


# §1.3, §1.4: what follows the segments


@dataclass
class End:
    frame: Frame
    root: bytes
    index_hash: bytes
    index_offset: int
    records: int
    raw_size: int
    streams: tuple
    session: int
    wall: tuple
    signer: bytes
    signature: bytes


def read_end(file, size):
    """END, from the last bytes of the file; None where there is none."""
    file.seek(max(0, size - END_BYTES))
    head = file.read(HEAD.size)
    if size < END_BYTES or head[8:14] != b"WTRL\x01\x03":
        return None
    frame = wtr.read_frame(file, size - END_BYTES)
    (root, index_hash, index_offset, records, raw_size, up, down, session, wall1, wall2, cause, reserved, signer,
     signature, length) = END_FIELDS.unpack_from(frame.bytes, HEAD.size)
    whole = reserved == bytes(55) and cause in (1, 2) and length == END_BYTES
    demand(whole, "END of another version", frame.offset)
    return End(frame, root, index_hash, index_offset, records, raw_size, (up, down), session, (wall1, wall2), signer,
               signature)


def read_index(file, end):
    """The stride and the entries of INDEX, which END vouches for."""
    demand(end.index_offset < end.frame.offset, "no INDEX where END says", end.frame.offset)
    frame = wtr.read_frame(file, end.index_offset)
    demand(frame.type == wtr.INDEX and frame.end == end.frame.offset, "no INDEX before END", frame.offset)
    demand(hashlib.sha256(frame.bytes).digest() == end.index_hash, "INDEX is not that of END", frame.offset)
    same = (frame.recording, frame.number) == (end.frame.recording, end.frame.number)
    demand(same, "INDEX and END differ", frame.offset)
    stride, count = INDEX_FIELDS.unpack_from(frame.bytes, HEAD.size)
    whole = stride.bit_count() == 1 and count == -(-end.frame.number // stride) <= 4096
    demand(whole and len(frame.bytes) == HEAD.size + 20 + count * ENTRY.size, "INDEX has impossible sizes", frame.offset)
    return stride, [ENTRY.unpack_from(frame.bytes, HEAD.size + 16 + place * ENTRY.size) for place in range(count)]


# §6: a recording


@dataclass
class Leaves:
    """What a walk over the segments adds up to."""

    hashes: list = field(default_factory=list)
    records: int = 0
    raw_size: int = 0
    wall: tuple = ()
    end: int = 0
    start: wtr.Record = None

    def take(self, item):
        frame, body = (item, b"") if isinstance(item, Frame) else (item.frame, item.body)
        self.hashes.append(leaf_hash(frame.bytes + body))
        self.end = item.end
        if isinstance(item, Frame):
            return
        if item.first == 1:
            self.start = next(wtr.segment_records(item))
        self.records += item.count
        self.raw_size += item.raw_size
        self.wall = (self.wall or item.wall)[0], item.wall[1]


@dataclass
class Found:
    """A recording that holds."""

    recording: uuid.UUID
    start: wtr.Record
    end: End


def verify_recording(path, keys):
    """What the recording says, where all of it holds; otherwise raises what is wrong."""
    path = pathlib.Path(path)
    size = path.stat().st_size
    with open(path, "rb") as file:
        end = read_end(file, size)
        try:
            stride, entries = read_index(file, end) if end else (1, [])
            leaves = walk_leaves(file, stride, entries)
        except Incomplete as cut:
            raise Altered(*cut.args) if end else cut
        if end is None:
            check_tail(file, leaves.end)
    for place, entry in enumerate(entries):
        same = tree_hash(leaves.hashes[place * stride:(place + 1) * stride]) == entry[7]
        demand(same, f"segments from {entry[0]} on are not those of INDEX", entry[1])
    compare_end(leaves, end)
    keys.check(end.signer, end.signature, b"wiretrail/recording/end/1\0" + end.frame.bytes[:256], end.frame.offset)
    demand(named(path) in (None, end.frame.recording), "the file has the name of another recording", 16)
    return Found(end.frame.recording, leaves.start, end)


def walk_leaves(file, stride, entries):
    leaves = Leaves()
    for item in wtr.walk(file):
        if not isinstance(item, Frame):
            compare_entry(item, stride, entries)
        leaves.take(item)
    return leaves


def check_tail(file, offset):
    """What follows the segments where the file does not end with END: as much of INDEX and END as was written."""
    for kind in (wtr.INDEX, wtr.END):
        frame = wtr.read_frame(file, offset, due=kind)
        if frame is None:
            raise Incomplete("there is no END", offset)
        offset = frame.end
    raise Altered("something follows END", offset)


def compare_entry(segment, stride, entries):
    place, rest = divmod(segment.frame.number, stride)
    if rest or place >= len(entries):
        return
    here = (segment.frame.number, segment.frame.offset, segment.first, segment.monotonic[0], segment.wall[0],
            *segment.streams)
    demand(here == entries[place][:7], "a segment is not what INDEX says", segment.frame.offset)


def compare_end(leaves, end):
    where = end.frame.offset
    same = (len(leaves.hashes), leaves.end) == (end.frame.number, end.index_offset)
    demand(same, "the segments do not end where END says", where)
    demand(tree_hash(leaves.hashes) == end.root, "the segments are not those of END", where)
    demand((leaves.records, leaves.raw_size) == (end.records, end.raw_size), "END counts other records", where)
    demand(leaves.wall == end.wall, "END tells other times", where)
    demand(leaves.start is not None, "the first record is no START", 0)
    demand(leaves.start.facts["session"] == end.session, "START and END name different sessions", where)


def named(path):
    """The recording that a file's name ends with; None where it does not."""
    try:
        return uuid.UUID(path.stem[-36:]) if path.stem[-36:].count("-") == 4 else None
    except ValueError:
        return None


# §4: the ledger


@dataclass
class Session:
    recording: uuid.UUID
    start: int
    before: bytes
    root: bytes = None


class Ledger:
    """All lines of a ledger, each checked against those before it."""

    def __init__(self, path, keys):
        self.keys, self.sessions = keys, {}
        self.lines, self.last, self.number, self.chain, self.vouched = 0, bytes(32), 0, bytes(32), 0
        offset = 0
        for line in path.read_bytes().splitlines(keepends=True):
            if not line.endswith(b"\n"):
                raise Incomplete("the ledger ends inside a line", offset)
            try:
                self.take(line[:-1], offset)
            except (KeyError, TypeError, ValueError) as error:
                raise Altered(f"no line of a ledger: {error}", offset) from None
            offset += len(line)
        if self.lines == 0 or self.vouched != self.lines:
            raise Incomplete("the ledger's last lines are not signed", offset)

    def take(self, text, offset):
        line = wtr.strict_json(text)
        demand(len(text) <= LINE_MAXIMUM and spelled(line) == text, "a line is spelled otherwise", offset)
        follows = line["line"] == self.lines + 1 and bytes.fromhex(line["previous"]) == self.last
        demand(follows, "a line does not follow the one before it", offset)
        sessions, chain = line["sessions"], bytes.fromhex(line["chain"])
        kind = line["kind"]
        if kind == "open":
            opened = Session(uuid.UUID(line["recording"]), line["start"], bytes.fromhex(line["before"]))
            follows = line["session"] == sessions == self.number + 1 and opened.before == self.chain
            demand(follows and chain == chained(opened, sessions), "a session does not follow the one before it", offset)
            self.sessions[sessions] = opened
        elif kind == "lost":
            demand(line["from"] == self.number + 1 <= line["to"] == sessions, "lost sessions do not follow", offset)
        else:
            demand((sessions, chain) == (self.number, self.chain), "a line changes the chain of sessions", offset)
            demand(kind in ("close", "head"), "a line of an unknown kind", offset)
            self.close(line, offset) if kind == "close" else self.vouch(line, offset)
        self.lines, self.number, self.chain = line["line"], sessions, chain
        self.last = hashlib.sha256(b"wiretrail/ledger/line/1\0" + text).digest()

    def close(self, line, offset):
        session, root = self.sessions.get(line["session"]), bytes.fromhex(line["root"])
        known = session and session.recording == uuid.UUID(line["recording"]) and session.root in (None, root)
        demand(known, "another recording is sealed than was opened", offset)
        session.root = root

    def vouch(self, line, offset):
        message = (b"wiretrail/ledger/head/1\0" + self.last + struct.pack("<QQ", line["line"], self.number) + self.chain
                   + struct.pack("<q", line["time"]))
        self.keys.check(bytes.fromhex(line["key"]), base64.b64decode(line["signature"], validate=True), message, offset)
        self.vouched = line["line"]


def spelled(line):
    return json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chained(session, number):
    return hashlib.sha256(b"wiretrail/session/1\0" + session.before + struct.pack("<Q", number)
                          + session.recording.bytes + struct.pack("<q", session.start)).digest()


# §6: a folder


def verify_folder(folder, keys, tell):
    try:
        ledger = Ledger(folder / "ledger.jsonl", keys)
    except (Altered, OSError) as fault:
        ledger = None
        tell(folder / "ledger.jsonl", fault)
    there = set()
    for path in sorted(folder.rglob("*.wtr")):
        try:
            found = verify_recording(path, keys)
            demand(found.recording not in there, "the recording is there twice", 0)
            there.add(found.recording)
            if ledger:
                compare_ledger(ledger, found)
            tell(path, None)
        except Altered as fault:
            tell(path, fault)
    for number, session in ledger.sessions.items() if ledger else ():
        if session.recording not in there and not any(folder.rglob(f"*{session.recording}.wtr")):
            tell(folder, Altered(f"session {number}, recording {session.recording}, is missing", 0))


def compare_ledger(ledger, found):
    session = ledger.sessions.get(found.end.session)
    demand(session is not None, "the ledger does not know this session", 0)
    previous = base64.b64decode(found.start.facts["previous"], validate=True)
    same = (session.recording, session.start, session.before) == (found.recording, found.start.wall, previous)
    demand(same, "the ledger knows this session as another recording", 0)
    demand(session.root in (None, found.end.root), "the ledger knows this recording with another content", 0)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--key", action="append", default=[], help="a public key that is trusted, PEM")
    parser.add_argument("paths", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    keys, status = Keys(arguments.key), 0

    def tell(path, fault):
        nonlocal status
        word, code = ("holds", 0) if fault is None else (
            ("unknown signer", 5) if isinstance(fault, UnknownSigner) else
            ("incomplete", 4) if isinstance(fault, Incomplete) else ("altered", 3))
        where = "" if fault is None else ": " + (f"{fault.args[0]} (byte {fault.args[1]})" if isinstance(fault, Altered) else str(fault))
        status = max(status, code, key=(0, 5, 4, 3).index)
        print(f"{word:14} {path}{where}")

    for path in arguments.paths:
        if path.is_dir():
            verify_folder(path, keys, tell)
            continue
        try:
            verify_recording(path, keys)
            tell(path, None)
        except Altered as fault:
            tell(path, fault)
    return status


if __name__ == "__main__":
    sys.exit(main())
