"""How fast captures are decoded, beside tshark: the same files, made of our own captures, on one core and on all of them."""

import os
import statistics
import struct
import subprocess
import time
from pathlib import Path

from sandbox import temporary_directory

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
BYTES = 100 << 20

# What is multiplied, the fields that tshark is asked for, and ours that tell as much.
PROTOCOLS = {
    "postgres": (["binary-parameters", "prepared-statement", "simple-query", "several-statements", "copy-out", "copy-in"],
                 ["pgsql.type", "pgsql.query", "pgsql.val.data"], "kind,title,parameters,rows,result,outcome"),
    "http": (["get", "keep-alive", "post-json", "chunked", "long-response"],
             ["http.request.method", "http.request.uri", "http.response.code", "http.content_type"],
             "method,target,status,responseType"),
    "http2": ([], ["http2.type", "http2.header.name", "http2.header.value", "http2.streamid"],
              "kind,stream,title,status,requestFields,responseFields"),
}


def captures(protocol, names):
    folder = FIXTURES / protocol
    return [folder / f"{name}.pcap" for name in names] or sorted(folder.glob("*.pcap"))


def packets(path):
    """The frames of one of our captures: Ethernet with IPv4 on loopback, little-endian microseconds."""
    data, offset = path.read_bytes(), 24
    while offset < len(data):
        count = struct.unpack_from("<I", data, offset + 8)[0]
        yield bytearray(data[offset + 16:offset + 16 + count])
        offset += 16 + count


def multiply(sources, target):
    """Repeats the conversations with other client addresses, interleaved as on a busy line, up to the size."""
    frames = [[frame for frame in packets(path) if frame[12:14] == b"\x08\x00"] for path in sources]
    header, written, copy, micros = sources[0].read_bytes()[:24], 24, 0, 0
    with open(target, "wb") as file:
        file.write(header)
        while written < BYTES:
            group = [(conversation, copy * len(frames) + number) for number, conversation in enumerate(frames)]
            for index in range(max(map(len, frames))):
                for conversation, number in group:
                    if index >= len(conversation):
                        continue
                    frame = conversation[index]
                    for address in (26, 30):
                        frame[address:address + 4] = bytes([127, number >> 16 & 255, number >> 8 & 255, number & 255])
                    micros += 7
                    file.write(struct.pack("<IIII", 1_795_233_600 + micros // 10**6, micros % 10**6, len(frame),
                                           len(frame)) + frame)
                    written += 16 + len(frame)
            copy += 1
    return written


def run(command, cores):
    """Seconds that passed, seconds of processor time, and the peak of resident memory in MiB, of a run on these cores."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               preexec_fn=lambda: os.sched_setaffinity(0, cores))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def decode(bench, goals):
    folder = temporary_directory("decode")
    for protocol, (names, fields, columns) in PROTOCOLS.items():
        sources = captures(protocol, names)
        if not sources:
            continue
        path = folder / f"{protocol}.pcap"
        size = multiply(sources, path) / 1e6
        ours = [str(bench.binary), "decode", "--fields", columns, str(path)]
        lines = [str(bench.binary), "decode", "--json", str(path)]
        theirs = ["tshark", "-n", "-r", str(path), "-T", "fields"] + [word for field in fields for word in ("-e", field)]
        everywhere = os.sched_getaffinity(0)
        alone = {max(everywhere)}
        rounds = [(run(theirs, alone), run(ours, alone), run(lines, alone), run(ours, everywhere))
                  for _ in range(min(3, bench.rounds))]
        tshark, work, json = (statistics.median(round[who][1] for round in rounds) for who in range(3))
        together = statistics.median(round[3][0] for round in rounds)
        memory = max(used for round in rounds for _, _, used in round[1:])
        print(f"{protocol}: {size:.0f} MB; on one core tshark {size / tshark:.1f} MB/s, wiretrail {size / work:.0f} MB/s; "
              f"as JSON {size / json:.0f} MB/s; {size / together:.0f} MB/s on all {len(everywhere)}, {memory:.0f} MiB at most",
              flush=True)
        goals.at_least(f"decoding {protocol} per core, × tshark", tshark / work, 30)
        path.unlink()
    folder.rmdir()


ALL = {"decode": decode}
