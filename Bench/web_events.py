"""Server-sent events through a proxy, with both ends of each stream in this process: nothing but the proxy is waited for."""

import contextlib
import socket
import statistics
import time

REQUEST = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n\r\n"
HEAD = (b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
        b"X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n")  # nginx would buffer


class Source:
    """The origin of the events."""

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.port = self.listener.getsockname()[1]
        return self

    def __exit__(self, *_):
        self.listener.close()

    def stream(self, port):
        """(client's end, server's end) of a stream through `port` that has had its head."""
        client = socket.create_connection(("127.0.0.1", port), timeout=60)
        client.sendall(REQUEST)
        server, _ = self.listener.accept()
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        asked = b""
        while not asked.endswith(b"\r\n\r\n"):
            asked += server.recv(4096)
        server.sendall(HEAD)
        answered = b""
        while not answered.endswith(b"\r\n\r\n"):
            answered += client.recv(4096)
        return client, server


def send(client, server, number):
    """One event from end to end."""
    event = b"id: %d\r\ndata: {\"progress\": %d}\r\n\r\n" % (number, number)
    server.sendall(b"%x\r\n%b\r\n" % (len(event), event))
    got = b""
    while event not in got:
        piece = client.recv(4096)
        assert piece, "the stream ended"
        got += piece


def latency(source, port, count):
    client, server = source.stream(port)
    with client, server:
        seen = []
        for number in range(count):
            start = time.perf_counter_ns()
            send(client, server, number)
            seen.append((time.perf_counter_ns() - start) / 1000)
    return {"p50": statistics.median(seen), "p99": sorted(seen)[int(count * 0.99)]}


@contextlib.contextmanager
def hold_streams(source, port, count):
    streams = []
    try:
        for number in range(count):
            streams.append(source.stream(port))
            send(*streams[-1], number)
        yield
    finally:
        for client, server in streams:
            client.close()
            server.close()
