"""Thousands of PostgreSQL connections that run one query each and then wait, held by one small process."""

import contextlib
import socket
import struct

from sandbox import USER


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


STARTUP = message(b"", struct.pack("!I", 196608) + f"user\0{USER}\0database\0postgres\0\0".encode())
QUERY = message(b"Q", b"SELECT 1\0")


def read_until_ready(connection):
    """ReadyForQuery while idle is the last message of each answer, and nothing else ends in these bytes here."""
    answer = b""
    while not answer.endswith(b"Z\0\0\0\x05I"):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError(f"the connection was closed: {answer[-200:]!r}")
        answer += piece


@contextlib.contextmanager
def hold_connections(port, count):
    connections = []
    try:
        for _ in range(count):
            connection = socket.create_connection(("127.0.0.1", port), timeout=60)
            connections.append(connection)
            for request in (STARTUP, QUERY):
                connection.sendall(request)
                read_until_ready(connection)
        yield connections
    finally:
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.sendall(message(b"X", b""))
            connection.close()
