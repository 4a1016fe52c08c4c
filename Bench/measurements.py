"""The measurements of `bench.py`, one function each; every one can run alone."""

import contextlib
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import contenders as field
import encrypted
from idle import hold_connections
from report import interleaved, table
from sandbox import USER, Gateway

GIB = 1 << 30


def libpq(port):
    return os.environ | {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": USER, "PGDATABASE": "postgres"}


def pgbench(contender, *words, **environment):
    """Runs pgbench; tells transactions per second, latency, and the relay's CPU per transaction."""
    before = contender.cpu_seconds()
    run = subprocess.run(["pgbench", "-n", "-S", "-M", "prepared", *map(str, words)],
                         env=libpq(contender.port) | environment, check=True, capture_output=True, text=True)
    user, system = (after - earlier for after, earlier in zip(contender.cpu_seconds(), before))
    count = int(re.search(r"actually processed: (\d+)", run.stdout)[1])
    return {
        "count": count,
        "tps": float(re.search(r"tps = ([\d.]+)", run.stdout)[1]),
        "latency": float(re.search(r"latency average = ([\d.]+)", run.stdout)[1]) * 1000,
        "user": user / count * 1e6, "system": system / count * 1e6, "cpu": (user + system) / count * 1e6,
    }


PGBENCH_COLUMNS = {"tps": ("tps", ",.0f"), "latency": ("latency µs", ",.1f"), "cpu": ("CPU µs/tx", ".2f"),
                   "user": ("user µs/tx", ".2f"), "system": ("system µs/tx", ".2f")}


def rivals(bench):
    return [bench.contender(make) for make in (field.direct, field.pgbouncer, field.haproxy, bench.recorded)]


def throughput(bench, goals):
    """32 clients."""
    rows = interleaved(rivals(bench), bench.rounds, lambda c: pgbench(c, "-c", 32, "-j", 2, "-T", bench.seconds))
    table("pgbench -S -M prepared, 32 clients", rows, PGBENCH_COLUMNS)
    ours = rows["wiretrail"]
    goals.at_least("throughput at 32 clients / pgbouncer", ours["tps"] / rows["pgbouncer"]["tps"], 1.4)
    goals.told("throughput at 32 clients / HAProxy", ours["tps"] / rows["haproxy"]["tps"])
    goals.at_most("CPU per transaction at 32 clients / HAProxy", ours["cpu"] / rows["haproxy"]["cpu"], 1.0)
    goals.at_most("user CPU per transaction at 32 clients", ours["user"], 3.0, "µs")


def latency(bench, goals):
    """One client."""
    rows = interleaved(rivals(bench), bench.rounds, lambda c: pgbench(c, "-c", 1, "-j", 1, "-T", bench.seconds))
    table("pgbench -S -M prepared, 1 client", rows, PGBENCH_COLUMNS)
    goals.at_most("latency at 1 client / pgbouncer", rows["wiretrail"]["latency"] / rows["pgbouncer"]["latency"], 1.0)
    goals.told("latency at 1 client / direct", rows["wiretrail"]["latency"] / rows["direct"]["latency"])


def syscalls(bench, goals):
    """Two runs under strace, one twice as long: their difference is free of connection set-up."""
    def count(contender, transactions):
        with tempfile.NamedTemporaryFile("r") as summary:
            tracer = subprocess.Popen(["strace", "-f", "-qq", "-c", "-o", summary.name, "-p", str(contender.pid)],
                                      stderr=subprocess.DEVNULL)
            time.sleep(1)  # until every thread is attached; a late one only lowers both counts alike
            pgbench(contender, "-c", 32, "-j", 2, "-t", transactions)
            field.interrupt(tracer)
            return int(re.search(r"([\d]+)(?:\s+\d+)?\s+total", summary.read())[1])

    rows = {}
    for contender in rivals(bench)[1:]:
        short, long = count(contender, 100), count(contender, 300)
        rows[contender.name] = {"calls": (long - short) / (32 * 200)}
    table("System calls per transaction, 32 clients", rows, {"calls": ("calls/tx", ".2f")})
    goals.at_most("system calls per transaction at 32 clients", rows["wiretrail"]["calls"], 4.5, "calls")


def recording(bench, goals):
    """What recording costs, against a build that has no recorder, and what strict durability costs."""
    ours = [bench.contender(make) for make in (bench.recorded, bench.unrecorded, bench.strict)]
    for clients in (1, 32):
        rows = interleaved(
            ours, bench.rounds, lambda c: pgbench(c, "-c", clients, "-j", min(clients, 2), "-T", bench.seconds))
        table(f"pgbench -S -M prepared, {clients} clients: the cost of recording", rows, PGBENCH_COLUMNS)
        with_it, without, strict = (rows[c.name] for c in ours)
        cost = 100 * (1 - with_it["tps"] / without["tps"])
        goals.at_most(f"cost of recording at {clients} clients, throughput", cost, 10, "%")
        goals.told(f"cost of recording at {clients} clients, CPU", 100 * (with_it["cpu"] / without["cpu"] - 1), "%")
        goals.told(f"strict durability at {clients} clients, throughput kept", 100 * strict["tps"] / with_it["tps"], "%")


def connections(bench, goals):
    """A connection per transaction."""
    field_of_all = [*rivals(bench), bench.contender(field.pgbouncer_without_reuse)]
    rows = interleaved(field_of_all, bench.rounds, lambda c: pgbench(c, "-C", "-c", 8, "-j", 2, "-T", bench.seconds))
    table("pgbench -C -S, a connection per transaction, 8 clients", rows, PGBENCH_COLUMNS)
    ours = rows["wiretrail"]["tps"]
    goals.at_least("connection per transaction / pgbouncer", ours / rows["pgbouncer"]["tps"], 0.9)
    goals.told("connection per transaction / pgbouncer without reuse", ours / rows["pgbouncer, no reuse"]["tps"])
    goals.told("connection per transaction / HAProxy", ours / rows["haproxy"]["tps"])
    goals.told("connection per transaction / direct", ours / rows["direct"]["tps"])


def tls(bench, goals):
    """TLS towards the client."""
    with encrypted.Server(bench.server) as server, contextlib.ExitStack() as stack:
        ours = [field.direct(server), encrypted.pgbouncer(server), encrypted.gateway(server, bench.binary)]
        for contender in ours:
            stack.callback(contender.stop)
            encrypted.check(contender, libpq(contender.port))
        for clients, title in (32, "32 clients"), (1, "1 client"):
            rows = interleaved(ours, bench.rounds, lambda c: pgbench(
                c, "-c", clients, "-j", min(clients, 2), "-T", bench.seconds, **encrypted.CLIENT))
            table(f"pgbench -S -M prepared over TLS 1.3, {title}", rows, PGBENCH_COLUMNS)
            direct, pgbouncer, wiretrail = rows.values()
            goals.at_least(f"TLS, {title}: throughput / pgbouncer", wiretrail["tps"] / pgbouncer["tps"], 1.0)
            goals.at_most(f"TLS, {title}: CPU per transaction / pgbouncer", wiretrail["cpu"] / pgbouncer["cpu"], 1.0)
            goals.told(f"TLS, {title}: throughput / direct", wiretrail["tps"] / direct["tps"])
        ours = [encrypted.from_the_first_byte(c)
                for c in (encrypted.haproxy(server), encrypted.gateway(server, bench.binary))]
        for contender in ours:
            stack.callback(contender.stop)
        rows = interleaved(ours, bench.rounds, lambda c: pgbench(c, "-c", 32, "-j", 2, "-T", bench.seconds))
        table("pgbench -S -M prepared, TLS 1.3 from the first byte on, 32 clients", rows, PGBENCH_COLUMNS)
        haproxy, wiretrail = rows.values()
        goals.told("TLS, 32 clients: throughput / HAProxy", wiretrail["tps"] / haproxy["tps"])
        goals.told("TLS, 32 clients: CPU per transaction / HAProxy", wiretrail["cpu"] / haproxy["cpu"])


def rules(bench, goals):
    """10,000 rules that concern the caller and apply to nothing that he does, against no rules. One rule is enough to
    have every statement read; `hours` let judgements change with time."""
    ours = [bench.contender(make) for make in (bench.ruleless, bench.one_rule, bench.ruled, bench.ruled_by_hours)]
    without, _, *ruled = (contender.name for contender in ours)
    for mode in ("prepared", "simple"):
        rows = interleaved(
            ours, bench.rounds, lambda c: pgbench(c, "-M", mode, "-c", 32, "-j", 2, "-T", bench.seconds))
        table(f"pgbench -S -M {mode}, 32 clients: the cost of rules", rows, PGBENCH_COLUMNS)
        for name in ruled:
            cost = 100 * (1 - rows[name]["tps"] / rows[without]["tps"])
            goals.at_most(f"cost of {name}, -M {mode}, throughput", cost, 5, "%")
            goals.told(f"cost of {name}, -M {mode}, CPU", 100 * (rows[name]["cpu"] / rows[without]["cpu"] - 1), "%")


def bulk(bench, goals):
    """2 GiB out by COPY in 64 KiB rows of text as pgbench's tables have it, client's output to /dev/null."""
    bench.server.psql("""
        CREATE TABLE IF NOT EXISTS bulk AS SELECT left(string_agg(aid || E'\\t' || bid || E'\\t' || abalance
        || E'\\t' || filler, E'\\n'), 65536) AS rows FROM pgbench_accounts WHERE aid <= 1000;
        ALTER TABLE bulk ALTER rows SET STORAGE EXTERNAL; UPDATE bulk SET rows = rows || ''""")
    copy = "COPY (SELECT rows FROM bulk, generate_series(1, 32768)) TO STDOUT (FORMAT binary)"

    def measure(contender):
        before = sum(contender.cpu_seconds())
        start = time.monotonic()
        subprocess.run(["psql", "-Xq", "-c", copy], env=libpq(contender.port), check=True, stdout=subprocess.DEVNULL)
        return {"speed": 2048 / (time.monotonic() - start), "cpu": (sum(contender.cpu_seconds()) - before) * 500}

    rows = interleaved(rivals(bench), max(3, bench.rounds // 2), measure)
    rows["disk"] = {"speed": bench.disk_speed()}
    table("2 GiB by COPY TO STDOUT", rows, {"speed": ("MiB/s", ",.0f"), "cpu": ("CPU ms/GiB", ",.0f")})
    bar = min(rows["haproxy"]["speed"], 0.8 * rows["disk"]["speed"])
    goals.at_least("bulk / the smaller of HAProxy and 0.8 of the disk", rows["wiretrail"]["speed"] / bar, 1.0)
    goals.told("bulk / HAProxy", rows["wiretrail"]["speed"] / rows["haproxy"]["speed"])


def idle(bench, goals):
    """Anonymous memory per connection that has run one query and waits."""
    count, rows = bench.idle_connections, {}
    with bench.crowded_server(count + 50) as server:
        for make in (field.pgbouncer, field.haproxy, bench.recorded):
            contender = make(server)
            with hold_connections(contender.port, 10):
                before = contender.anonymous_bytes()
            with hold_connections(contender.port, count):
                time.sleep(12)  # past the compactor's ten seconds, so that nothing waits to be stored
                rows[contender.name] = {"memory": (contender.anonymous_bytes() - before) / count / 1000}
            contender.stop()
    table(f"{count} connections, idle after one query each", rows, {"memory": ("RssAnon kB", ".1f")})
    goals.at_most(f"RssAnon per idle connection, {count} of them", rows["wiretrail"]["memory"], 12, "kB")


def timeline(bench, goals):
    """A large recording of data that does not compress: where a time is found, and how fast it is verified."""
    size, marks = bench.recording_gib, 160
    bench.server.psql("""
        CREATE EXTENSION IF NOT EXISTS pgcrypto; DROP TABLE IF EXISTS noise; CREATE TABLE noise (bytes bytea);
        ALTER TABLE noise ALTER bytes SET STORAGE EXTERNAL;
        INSERT INTO noise SELECT gen_random_bytes(1024) || string_agg(gen_random_bytes(1024), '')
        FROM generate_series(1, 64), generate_series(1, 63) AS piece GROUP BY generate_series""")
    rows_per_mark = size * GIB // 65536 // marks
    script = "".join(
        f"SELECT 'mark {mark}';\nCOPY (SELECT bytes FROM noise, generate_series(1, {rows_per_mark // 64})) "
        "TO STDOUT (FORMAT binary);\n" for mark in range(marks))
    with Gateway(bench.binary, bench.server.port) as gateway:
        gateway.start().wait_until_listening()
        subprocess.run(["psql", "-Xq"], input=script.encode(), env=libpq(gateway.port), check=True,
                       stdout=subprocess.DEVNULL)
        gateway.drain(600)
        recording = max(gateway.recordings.rglob("*.wtr"), key=lambda path: path.stat().st_size)
        stored = recording.stat().st_size
        first_event(bench, goals, gateway, recording, marks)
        start, before = time.monotonic(), os.times()
        gateway.run("verify", recording).check_returncode()
        wall, after = time.monotonic() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    table(f"A recording of {stored / 1e9:.1f} GB", {"verify": {"wall": stored / wall / 1e9, "core": stored / cpu / 1e9}},
          {"wall": ("GB/s", ".2f"), "core": ("GB/s per core", ".2f")})
    goals.at_least("verify, stored bytes", stored / cpu / 1e9, 1.0, "GB/s per core")


def first_event(bench, goals, gateway, recording, marks):
    """The time of the middle mark is asked for in a fresh process, with nothing of the file in memory."""
    events = gateway.run("timeline", recording, "--json").stdout.decode().splitlines()
    wanted = next(line for line in events if f"mark {marks // 2}'" in line)
    moment = re.search(r'"start":"([^"]+)"', wanted)[1]
    seen = []
    for _ in range(bench.rounds):
        os.sync()
        Path("/proc/sys/vm/drop_caches").write_text("3")
        subprocess.run([gateway.wiretrail, "--help"], stdout=subprocess.DEVNULL)  # the program itself is warm
        start = time.monotonic()
        words = [gateway.wiretrail, "timeline", str(recording), "--json", "--from", moment, "--state", str(gateway.state)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            line = next(line for line in process.stdout if f"mark {marks // 2}'" in line)
            seen.append((time.monotonic() - start) * 1000)
            process.kill()
        assert line, "the asked event comes first"
    goals.at_most(f"timeline --from, {recording.stat().st_size / 1e9:.1f} GB, cold, first event", sorted(seen)[len(seen) // 2],
                  50, "ms")


ALL = {measure.__name__: measure for measure in (
    throughput, latency, syscalls, recording, connections, tls, rules, bulk, idle, timeline)}
