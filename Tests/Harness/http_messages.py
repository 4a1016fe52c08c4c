"""HTTP/1.1 messages as the harness tells them apart: complete or cut off, each with the id that the workload gave it."""

import io
import re
from dataclasses import dataclass

ID = re.compile(rb"\r\nx-id: ([^\r\n]+)", re.IGNORECASE)


@dataclass
class Message:
    """`bytes` begin at `start` of the stream. Interim answers are part of the final one. `is_due` once a recording knows of it."""

    start: int
    bytes: bytes
    is_due: bool = False

    @property
    def id(self):
        found = ID.search(self.bytes)
        return found and found[1].decode()


def read(stream, is_answer, is_head=False):
    """One message from a file; b"" at its end, and whatever there is where it ends within a message."""
    message = b""
    while True:
        head = until_empty_line(stream)
        message += head
        status = int(head[9:12]) if is_answer and len(head) > 12 else 0
        if not 100 <= status < 200 or status == 101:
            break
    if not head.endswith(b"\r\n\r\n") or is_head or status in (204, 304):
        return message
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if status == 101 or b"upgrade" in fields:
        return message + stream.read()
    if fields.get(b"transfer-encoding") == b"chunked":
        while (line := stream.readline()) and (size := int(line.split(b";")[0], 16)):
            message += line + stream.read(size + 2)
        return message + line + (until_empty_line(stream, b"") if line else b"")
    if b"content-length" in fields:
        return message + stream.read(int(fields[b"content-length"]))
    return message + (stream.read() if is_answer else b"")


def until_empty_line(stream, head=b""):
    while line := stream.readline():
        head += line
        if line == b"\r\n":
            break
    return head


def split(stream, is_answer, methods=()):
    """All messages of a stream. `methods` of the requests that are answered, in their order."""
    file, asked = io.BytesIO(stream), iter(methods)
    while True:
        start = file.tell()
        message = read(file, is_answer, next(asked, b"GET") == b"HEAD")
        if not message:
            return
        yield Message(start, message)
