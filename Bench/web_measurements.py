"""The measurements of `bench.py` that concern HTTP: Wiretrail as a reverse proxy beside nginx and HAProxy, recording on."""

import contextlib
import re
import subprocess
import time

import web_contenders as field
import web_events
from report import interleaved, table


def wrk(contender, path, connections, seconds, scheme="http", *words):
    """Runs wrk; tells requests per second and the proxy's CPU per request, its children's included."""
    before = contender.cpu_seconds()
    url = f"{scheme}://127.0.0.1:{contender.port}/{path}"
    run = subprocess.run(["wrk", "-t", "2", "-c", str(connections), "-d", f"{seconds}s", *words, url],
                         check=True, capture_output=True, text=True)
    assert "Non-2xx" not in run.stdout and "Socket errors" not in run.stdout, f"{contender.name}: {run.stdout}"
    return told(contender, before, int(re.search(r"(\d+) requests in", run.stdout)[1]),
                float(re.search(r"Requests/sec:\s+([\d.]+)", run.stdout)[1]))


def h2load(contender, path, connections, seconds):
    """nghttp2's load generator speaking HTTP/1.1: a second opinion."""
    before = contender.cpu_seconds()
    run = subprocess.run(["h2load", "--h1", "-t", "2", "-c", str(connections), "-D", str(seconds),
                          f"http://127.0.0.1:{contender.port}/{path}"], check=True, capture_output=True, text=True)
    succeeded = int(re.search(r"(\d+) succeeded", run.stdout)[1])
    return told(contender, before, succeeded, float(re.search(r"([\d.]+) req/s", run.stdout)[1]))


def told(contender, before, count, rate):
    user, system = (after - earlier for after, earlier in zip(contender.cpu_seconds(), before))
    return {"rate": rate, "user": user / count * 1e6, "system": system / count * 1e6, "cpu": (user + system) / count * 1e6}


COLUMNS = {"rate": ("requests/s", ",.0f"), "cpu": ("CPU µs/req", ".2f"), "user": ("user µs/req", ".2f"),
           "system": ("system µs/req", ".2f")}


@contextlib.contextmanager
def rivals(bench, *makers):
    with contextlib.ExitStack() as stack:
        origin = field.Origin()
        stack.callback(origin.close)
        contenders = []
        for make in makers:
            contenders.append(make(origin))
            stack.callback(contenders[-1].stop)
        yield contenders


def recorded(bench):
    return lambda origin: field.wiretrail(origin, bench.binary)


def compare(goals, what, rows, wanted):
    """Per core: what one second of CPU does."""
    ours, nginx, haproxy = (rows[name] for name in ("wiretrail", "nginx", "haproxy"))
    goals.at_least(f"{what}: requests per core / nginx", nginx["cpu"] / ours["cpu"], wanted)
    goals.told(f"{what}: requests per core / HAProxy", haproxy["cpu"] / ours["cpu"])
    goals.told(f"{what}: requests per second / nginx", ours["rate"] / nginx["rate"])


def http(bench, goals):
    """Connections that are kept, 32 clients."""
    with rivals(bench, field.direct, field.nginx_proxy, field.haproxy, recorded(bench)) as contenders:
        for path, wanted in ("1k", 0.8), ("100k", 1.0):
            rows = interleaved(contenders, bench.rounds, lambda c: wrk(c, path, 32, bench.seconds))
            table(f"HTTP/1.1, {path}, 32 connections that are kept (wrk)", rows, COLUMNS)
            compare(goals, f"HTTP {path}", rows, wanted)
        rows = interleaved(contenders, bench.rounds, lambda c: h2load(c, "1k", 32, bench.seconds))
        table("HTTP/1.1, 1k, 32 connections that are kept (h2load)", rows, COLUMNS)
        compare(goals, "HTTP 1k by h2load", rows, 0.8)
        rows = interleaved(contenders, bench.rounds, lambda c: wrk(c, "1k", 2, bench.seconds))
        table("HTTP/1.1, 1k, 2 connections that are kept (wrk)", rows, COLUMNS)
        goals.told("HTTP 1k at 2 connections: requests per second / nginx", rows["wiretrail"]["rate"] / rows["nginx"]["rate"])


def http_connections(bench, goals):
    """A connection per request."""
    with rivals(bench, field.direct, field.nginx_proxy, field.haproxy, recorded(bench)) as contenders:
        rows = interleaved(contenders, bench.rounds,
                           lambda c: wrk(c, "1k", 32, bench.seconds, "http", "-H", "Connection: close"))
        table("HTTP/1.1, 1k, a connection per request, 32 clients", rows, COLUMNS)
        compare(goals, "HTTP 1k, a connection per request", rows, 0.8)


def http_tls(bench, goals):
    """TLS 1.3 towards the client, plain towards the origin."""
    with field.Certificate() as certificate, rivals(
            bench, lambda origin: field.nginx_proxy(origin, certificate), lambda origin: field.haproxy(origin, certificate),
            lambda origin: field.gateway(origin, bench.binary, certificate)) as contenders:
        for path, wanted in ("1k", 0.8), ("100k", 1.0):
            rows = interleaved(contenders, bench.rounds, lambda c: wrk(c, path, 32, bench.seconds, "https"))
            table(f"HTTP/1.1 over TLS, {path}, 32 connections that are kept", rows, COLUMNS)
            compare(goals, f"HTTP {path} over TLS", rows, wanted)


def events(bench, goals):
    """How long a server-sent event is on its way, one at a time."""
    with web_events.Source() as source:
        contenders = [field.direct(source), field.nginx_proxy(source), field.haproxy(source),
                      field.wiretrail(source, bench.binary)]
        rows = interleaved(contenders, bench.rounds, lambda c: web_events.latency(source, c.port, 2000))
        for contender in contenders:
            contender.stop()
    table("Server-sent events, one at a time", rows, {"p50": ("p50 µs", ".1f"), "p99": ("p99 µs", ".1f")})
    goals.at_most("p50 of a server-sent event / nginx", rows["wiretrail"]["p50"] / rows["nginx"]["p50"], 1.1)


def idle_events(bench, goals):
    """Anonymous memory per stream of events that has had one event and waits."""
    count, rows = bench.idle_connections, {}
    with web_events.Source() as source:
        for make in (field.nginx_proxy, field.haproxy, recorded(bench)):
            contender = make(source)
            with web_events.hold_streams(source, contender.port, 10):
                before = contender.anonymous_bytes()
            with web_events.hold_streams(source, contender.port, count):
                time.sleep(12)  # past the compactor's ten seconds, so that nothing waits to be stored
                rows[contender.name] = {"memory": (contender.anonymous_bytes() - before) / count / 1000}
            contender.stop()
    table(f"{count} streams of events, idle after one event each", rows, {"memory": ("RssAnon kB", ".1f")})
    goals.at_most(f"RssAnon per idle stream of events, {count} of them", rows["wiretrail"]["memory"], 20, "kB")


ALL = {measure.__name__: measure for measure in (http, http_connections, http_tls, events, idle_events)}
