"""Compares what the taps saw on both legs with what the recording holds: client leg plus NOTEs give the upstream leg."""

from recording import DOWN, UP

FILLER = ord("*")
NAMES = {UP: "client to server", DOWN: "server to client"}


class Mismatch(AssertionError):
    pass


def compare_client_leg(recording, seen, partial=False):
    """What the tap saw is what is recorded, but for filler inside ranges that a NOTE names.

    With `partial` (the gateway was killed) the recording may hold more than the client got, and less than it sent.
    """
    for direction in (UP, DOWN):
        kept, passed = recording.bytes[direction], seen[direction]
        if partial and direction == DOWN:
            passed = without_last_words(passed)
        if partial:
            received = len(passed) if direction == DOWN and was_received(seen) else 0
            if len(kept) < received:
                raise Mismatch(f"{recording.path}: {received - len(kept)} bytes that the client received are missing")
            length = min(len(kept), len(passed))
        elif len(kept) != len(passed):
            raise Mismatch(f"{recording.path}: {NAMES[direction]}: {len(kept)} bytes recorded, {len(passed)} seen")
        else:
            length = len(kept)
        noted = [(n.start, n.end) for n in recording.notes
                 if n.direction == direction and n.kind in ("redaction", "replaced", "withheld")]
        demand_equal(kept, passed, length, noted, f"{recording.path}: {NAMES[direction]}, client leg")


def was_received(leg):
    """It got more than the word that encryption is not offered: what the gateway says before it is known who calls is held
    in memory, and recorded when that is known."""
    return leg[DOWN].strip(b"N") != b""


def without_last_words(stream):
    """Without a final ErrorResponse 58030: where nothing can be recorded any more, saying so cannot be recorded either."""
    for start in range(max(0, len(stream) - 1024), len(stream)):
        last = stream[start:]
        if last[:1] == b"E" and int.from_bytes(last[1:5], "big") + 1 == len(last) and b"C58030\0" in last:
            return stream[:start]
    return stream


def demand_equal(kept, passed, length, wild, what):
    """Both are the same up to `length`, except that `kept` may hold filler inside the ranges of `wild`."""
    position = 0
    for start, end in sorted(wild) + [(length, length)]:
        start, end = min(start, length), min(end, length)
        if kept[position:start] != passed[position:start]:
            offset = next(i for i in range(position, start) if kept[i] != passed[i])
            raise Mismatch(f"{what}: differs at {offset}: {bytes(kept[offset:offset + 16])!r} recorded, "
                           f"{bytes(passed[offset:offset + 16])!r} seen")
        for i in range(max(start, position), end):
            if kept[i] != passed[i] and kept[i] != FILLER:
                raise Mismatch(f"{what}: differs at {i}, and it is not filler")
        position = max(position, end)


def expected_upstream(recording, seen, direction, skip):
    """The upstream leg that client leg and NOTEs demand, from byte `skip` of the client leg on; None marks a secret."""
    made, position = bytearray(), skip
    secrets = []
    for note in sorted((n for n in recording.notes if n.direction == direction), key=lambda n: (n.start, n.end)):
        if note.end <= skip and note.end > note.start or note.start < skip:
            continue
        if note.kind in ("withheld", "replaced", "refused", "synthesized"):
            made += seen[direction][position:note.start]
            secrets += [len(made) + i for i, byte in enumerate(note.other_leg) if byte == FILLER]
            made += note.other_leg
            position = note.end
    return made + seen[direction][position:], secrets


def compare_upstream_leg(recording, client, upstream, partial=False):
    """After authentication the upstream leg is client leg plus NOTEs, secrets aside.

    With `partial` the upstream may have received less than is recorded, and have sent more.
    """
    for direction in (UP, DOWN):
        kept = {direction: client[direction][:len(recording.bytes[direction])]} if partial else client
        wanted, secrets = expected_upstream(recording, kept, direction, login_length(client, direction))
        passed = upstream[direction][login_length(upstream, direction):]
        for place in secrets:
            if place < len(passed):
                wanted[place] = passed[place]
        if partial and direction == UP and len(passed) > len(wanted):
            raise Mismatch(f"{recording.path}: {len(passed) - len(wanted)} bytes that the upstream received are missing")
        length = min(len(wanted), len(passed)) if partial else max(len(wanted), len(passed))
        if wanted[:length] != passed[:length]:
            offset = next((i for i in range(min(len(wanted), len(passed))) if wanted[i] != passed[i]),
                          min(len(wanted), len(passed)))
            raise Mismatch(f"{recording.path}: {NAMES[direction]}, upstream leg differs at {offset} of {len(passed)} "
                           f"({len(wanted)} due): {bytes(wanted[offset:offset + 16])!r} due, "
                           f"{bytes(passed[offset:offset + 16])!r} seen")


def server_process(leg):
    """The process id in BackendKeyData, the same on both legs; None before it came."""
    stream, position = leg[DOWN], login_length(leg, DOWN)
    while stream[position:position + 1] in (b"S", b"N"):  # ParameterStatus, notices
        position += 1 + int.from_bytes(stream[position + 1:position + 5], "big")
    return stream[position + 5:position + 9] if stream[position:position + 1] == b"K" else None


def login_length(leg, direction):
    """Bytes of a leg that belong to the login: startup packets and password messages; answers up to AuthenticationOk."""
    stream, position = leg[direction], 0
    if direction == UP:
        while len(stream) - position >= 8:  # SSLRequest, GSSENCRequest, then the startup of protocol 3.x
            length = int.from_bytes(stream[position:position + 4], "big")
            major = int.from_bytes(stream[position + 4:position + 6], "big")
            position += length
            if major == 3:
                break
        while stream[position:position + 1] == b"p":
            position += 1 + int.from_bytes(stream[position + 1:position + 5], "big")
        return position
    while stream[position:position + 1] in (b"N", b"S") and stream[position + 1:position + 2] in (b"N", b"S", b"R"):
        position += 1
    while stream[position:position + 1] == b"R":
        body = stream[position + 5:position + 9]
        position += 1 + int.from_bytes(stream[position + 1:position + 5], "big")
        if body == b"\0\0\0\0":
            break
    return position
