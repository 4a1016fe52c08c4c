"""Writes captures of made-up TCP connections, faster than a program could speak: raw IPv4 in a pcap file, without checksums."""

import struct

LINKTYPE_RAW = 101
SYN, ACK, PUSH, FIN = 2, 16, 8, 1
# A packet of IPv4 has at most 65,535 bytes, with 40 of headers.
SEGMENT = 65_000


def header():
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, LINKTYPE_RAW)


def packet(micros, source, destination, ports, sequence, acknowledged, flags, payload=b""):
    """One packet with its record header; addresses are 4 bytes, ports two numbers."""
    count = 40 + len(payload)
    return b"".join((
        struct.pack("<IIII", 1_795_233_600 + micros // 1_000_000, micros % 1_000_000, count, count),
        struct.pack(">BBHHHBBH4s4s", 0x45, 0, count, 0, 0x4000, 64, 6, 0, source, destination),
        struct.pack(">HHIIBBHHH", *ports, sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF, 0x50, flags, 65_535, 0, 0),
        payload,
    ))


class Connection:
    """One connection from its handshake to its end; each call returns the packets' bytes."""

    def __init__(self, client, server, client_port, server_port):
        self.ends = (client, server)
        self.ports = (client_port, server_port)
        self.sequences = [1000, 5000]
        self.micros = 0

    def send(self, side, flags, payload=b""):
        other = 1 - side
        self.micros += 1
        data = packet(self.micros, self.ends[side], self.ends[other], (self.ports[side], self.ports[other]),
                      self.sequences[side], self.sequences[other], flags, payload)
        self.sequences[side] += len(payload) + (1 if flags & (SYN | FIN) else 0)
        return data

    def open(self):
        return self.send(0, SYN) + self.send(1, SYN | ACK) + self.send(0, ACK)

    def say(self, side, data):
        """As many packets as it takes, and the acknowledgement of the other side."""
        packets = [self.send(side, ACK | PUSH, data[start:start + SEGMENT]) for start in range(0, len(data), SEGMENT)]
        return b"".join(packets) + self.send(1 - side, ACK)

    def close(self):
        return self.send(0, FIN | ACK) + self.send(1, FIN | ACK) + self.send(0, ACK)
