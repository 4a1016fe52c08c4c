#!/usr/bin/env python3
"""PostgreSQL's own regression suite gives through `wiretrail gateway` what it gives directly.

    regress.py --wiretrail BINARY [--tests NAME,NAME,...]

As companies run it: TLS that is verified and SCRAM bound to it on both legs. pg_regress runs twice against one server, in a
database that it makes anew each time. Every test has to pass both ways, and every recording to verify.
"""

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
from itertools import islice
from pathlib import Path

from regress_suite import suite
from sandbox import PASSWORD, Gateway, Postgres, as_postgres, give_to_postgres, temporary_directory

# What pg_regress sets for a server of its own.
SETTINGS = {"max_prepared_transactions": 2}
USER = "postgres"  # some tests expect the owner of the catalogs
DATABASES = ("postgres", "regression")  # pg_regress makes the second one from the first
CONFIGURATION = """\
version: 1
listeners:
  - address: 127.0.0.1:0
    tls: {{ mode: required }}
    logins: [scram]
targets:
{targets}identities:
  users:
    - name: {user}
      verifier: "{verifier}"
"""
TARGET = """\
  - name: {database}
    url: postgres://localhost:{port}/{database}
    credential: {{ user: {user}, passwordFile: password }}
    tls: {{ verification: full, roots: root.pem }}
"""


def write_secret(path, text):
    path.touch(mode=0o600)
    path.write_text(text)


class CompanyGateway(Gateway):
    """`wiretrail gateway`: certificates and verifiers in, a target for each database out."""

    def __init__(self, wiretrail, server):
        super().__init__(wiretrail, server.port)
        self.authority = self.directory / "state/development-ca.crt"
        shutil.copy(server.authority, self.directory / "root.pem")
        write_secret(self.directory / "password", PASSWORD)
        targets = "".join(TARGET.format(database=name, port=server.port, user=USER) for name in DATABASES)
        write_secret(self.directory / "wiretrail.yaml",
                     CONFIGURATION.format(targets=targets, user=USER, verifier=self.verifier()))

    @property
    def command(self):
        return ["gateway", "--config", str(self.directory / "wiretrail.yaml")]

    def verifier(self):
        return subprocess.run(
            [self.wiretrail, "hash-password"], input=PASSWORD, text=True, check=True, capture_output=True).stdout.strip()


class CompanyPostgres(Postgres):
    """Takes SCRAM inside TLS and nothing else from the network."""

    def __init__(self, programs):
        self.certificates = temporary_directory("pki")
        subprocess.run(["sh", Path(__file__).with_name("pki.sh"), self.certificates], check=True, capture_output=True)
        self.authority = self.certificates / "root.pem"
        give_to_postgres(self.certificates / "leaf.key")
        super().__init__(network="hostssl", programs=programs, ssl="on", ssl_cert_file=self.certificates / "server.pem",
                         ssl_key_file=self.certificates / "leaf.key", **SETTINGS)
        self.psql(f"ALTER ROLE {USER} PASSWORD '{PASSWORD}'")

    def close(self):
        super().close()
        shutil.rmtree(self.certificates)


class Run:
    """One run of pg_regress: the `outcomes` of the tests, and the folder of what each of them printed."""

    LINE = re.compile(r"^(?:test|    )\s+(\S+)\s+\.\.\. (ok|FAILED|failed)", re.MULTILINE)

    def __init__(self, name, suite, place, port, authority, tests):
        (place / "authority.pem").write_bytes(authority.read_bytes())
        words = [suite.pg_regress, f"--inputdir={suite.tests}", f"--dlpath={suite.tests}", f"--outputdir={place}/out",
                 f"--bindir={suite.programs}", "--encoding=UTF8", "--host=localhost", f"--port={port}", f"--user={USER}"]
        words += tests or [f"--schedule={suite.tests}/parallel_schedule"]
        environment = os.environ | {
            "HOME": place, "PGPASSFILE": place / "passwords", "PGCHANNELBINDING": "require",
            "PGSSLMODE": "verify-full", "PGSSLROOTCERT": place / "authority.pem"}
        (place / "out").mkdir()
        give_to_postgres(place / "out")
        finished = subprocess.run(as_postgres(*words), env=environment, text=True, capture_output=True)
        self.outcomes = dict(self.LINE.findall(finished.stdout))
        if not self.outcomes:
            raise RuntimeError(f"pg_regress, {name}: {finished.stdout}{finished.stderr}")
        self.printed = (place / "out").rename(place / name) / "results"
        passed = sum(map(self.passed, self.outcomes))
        print(f"{name}: {passed} of {len(self.outcomes)} tests passed", flush=True)

    def passed(self, test):
        return self.outcomes.get(test) == "ok"

    def output(self, test):
        path = self.printed / f"{test}.out"
        return path.read_text(errors="surrogateescape").splitlines() if path.exists() else []


def table(direct, through, tests):
    """What did not pass, and how its output through the gateway differs; returns whether there is nothing to tell."""
    failed = [test for test in tests if not (direct.passed(test) and through.passed(test))]
    for test in failed:
        lines = difflib.unified_diff(direct.output(test), through.output(test), "direct", "gateway", n=1, lineterm="")
        outcomes = [run.outcomes.get(test, "missing") for run in (direct, through)]
        print("{:28} direct: {:8} gateway: {}".format(test, *outcomes))
        sys.stdout.writelines(f"    {line}\n" for line in islice(lines, 40))
    same = sum(direct.output(test) == through.output(test) for test in tests)
    print(f"{same} of {len(tests)} tests printed the same both ways", flush=True)
    return not failed


def verified(gateway, tests):
    """Whether every recording verifies, and there are at least as many as tests."""
    recordings = len(list(gateway.recordings.rglob("*.wtr")))
    answer = gateway.verify()
    print(f"{recordings} recordings, {'all verify' if answer.returncode == 0 else answer.stdout.decode()}", flush=True)
    return answer.returncode == 0 and recordings >= tests


def compare(wiretrail, tests, place):
    """Whether the suite gives the same both ways, and all that crossed was recorded."""
    copy = suite().copy(place / "suite")
    write_secret(place / "passwords", f"*:*:*:{USER}:{PASSWORD}\n")
    give_to_postgres(place / "passwords")
    with CompanyPostgres(copy.programs) as server, CompanyGateway(wiretrail, server) as gateway:
        gateway.start().wait_until_listening()
        print(f"PostgreSQL {server.psql('SHOW server_version').strip()}", flush=True)
        direct = Run("direct", copy, place, server.port, server.authority, tests)
        through = Run("gateway", copy, place, gateway.port, gateway.authority, tests)
        gateway.drain()
        complete = verified(gateway, len(through.outcomes))
    return table(direct, through, tests or copy.schedule()) and complete


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wiretrail", required=True)
    parser.add_argument("--tests", type=lambda names: ["test_setup", *names.split(",")], default=[])
    parser.add_argument("--keep", action="store_true", help="leave what the tests printed")
    arguments = parser.parse_args()
    place = temporary_directory("regress")
    try:
        return 0 if compare(arguments.wiretrail, arguments.tests, place) else 1
    finally:
        if arguments.keep:
            print(f"kept: {place}")
        else:
            shutil.rmtree(place)


if __name__ == "__main__":
    sys.exit(main())
