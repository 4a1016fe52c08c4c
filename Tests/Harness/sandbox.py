"""A PostgreSQL server and a gateway of one's own, for the harnesses: free ports, a directory of their own, gone at the end."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

POSTGRES = Path("/usr/lib/postgresql/15/bin")
USER, PASSWORD = "alice", "correct horse battery staple"


RESERVED = []


def free_port():
    """Nobody else gets it: a socket that does not listen stays bound to it. Servers set SO_REUSEADDR, and so may bind it, too."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    RESERVED.append(holder)
    return holder.getsockname()[1]


def as_postgres(*words):
    """PostgreSQL refuses to run as root."""
    prefix = ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--init-groups", "--"]
    return [*(prefix if os.geteuid() == 0 else []), *map(str, words)]


def give_to_postgres(path):
    if os.geteuid() == 0:
        shutil.chown(path, "postgres", "postgres")


def wait_for(condition, what, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.01)
    return result


def temporary_directory(name):
    path = Path(tempfile.mkdtemp(prefix=f"wiretrail-{name}-"))
    path.chmod(0o755)
    return path


class Postgres:
    """Superuser `alice`, SCRAM over TCP unless `method` says otherwise; trust on the Unix socket in `directory`."""

    def __init__(self, method="scram-sha-256", network="host", programs=POSTGRES, **settings):
        self.directory = temporary_directory("pg")
        self.port = free_port()
        give_to_postgres(self.directory)
        data = self.directory / "data"
        subprocess.run(
            as_postgres(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                        "--locale=C.UTF-8", "--no-sync"),
            check=True, stdout=subprocess.DEVNULL)
        (data / "pg_hba.conf").write_text(f"local all all trust\n{network} all all 127.0.0.1/32 {method}\n")
        defaults = {
            "listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.directory,
            "fsync": "off", "max_connections": 200, "shared_buffers": "128MB",
        }
        options = [f"-c{name}={value}" for name, value in (defaults | settings).items()]
        self.log = open(self.directory / "log", "w")
        self.process = subprocess.Popen(as_postgres(programs / "postgres", "-D", data, *options), stderr=self.log)
        status = data / "postmaster.pid"
        wait_for(lambda: status.exists() and "ready" in status.read_text(), "PostgreSQL")
        self.psql(f"CREATE ROLE {USER} SUPERUSER LOGIN PASSWORD '{PASSWORD}'")

    def psql(self, sql):
        words = ["psql", "-XqAt", "-h", self.directory, "-p", self.port, "-U", "postgres", "-v", "ON_ERROR_STOP=1"]
        return subprocess.run([*map(str, words), "postgres"], input=sql, text=True, check=True, capture_output=True).stdout

    def close(self):
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Gateway:
    """`wiretrail record` before the server at `upstream_port`; can be killed and started again on the same directory."""

    def __init__(self, wiretrail, upstream_port, directory=None, options=()):
        self.wiretrail = str(Path(wiretrail).resolve())
        self.directory = directory or temporary_directory("gateway")
        self.recordings, self.state = self.directory / "recordings", self.directory / "state"
        self.upstream_port, self.options = upstream_port, list(options)
        self.log_path = self.directory / "log"
        self.process, self.port = None, None
        self.prefix = ()

    def start(self):
        """Starts it without waiting: recovery may take its time, or be killed in its turn."""
        words = [*self.prefix, self.wiretrail, *self.command, *self.place, *self.options]
        self.log_path.write_text("")
        with open(self.log_path, "a") as log:
            self.process = subprocess.Popen(
                words, stdout=log, stderr=log, env=os.environ | {"PGPASSWORD": PASSWORD, "HOME": str(self.directory)})
        return self

    @property
    def command(self):
        return ["record", f"postgres://{USER}@127.0.0.1:{self.upstream_port}/postgres", "--listen", "127.0.0.1:0"]

    @property
    def place(self):
        return ["--recordings", str(self.recordings), "--state", str(self.state)]

    def wait_until_listening(self, seconds=60.0):
        self.port = wait_for(self._port, f"the gateway's address; its log: {self.log_path}", seconds)
        return self

    def _port(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"the gateway ended with {self.process.returncode}: {self.log_path.read_text()}")
        found = re.search(r"127\.0\.0\.1:(\d+)", self.log_path.read_text())
        return found and int(found[1])

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop_traced(self):
        """Ends it when it runs under `prefix`, whose signals strace passes on; it may have ended already."""
        if self.process.poll() is None:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            for pid in children or [self.process.pid]:
                os.kill(int(pid), signal.SIGKILL)
            self.process.wait()

    def drain(self, seconds=120):
        """SIGTERM: stop accepting, let connections end, seal every recording."""
        self.process.terminate()
        status = self.process.wait(timeout=seconds)
        if status != 0:
            raise RuntimeError(f"the drained gateway ended with {status}: {self.log_path.read_text()}")

    def run(self, command, *words):
        return subprocess.run(
            [self.wiretrail, command, *map(str, words), "--state", str(self.state)], capture_output=True,
            env=os.environ | {"HOME": str(self.directory)})

    def verify(self):
        """All recordings of this gateway; the exit status tells."""
        return self.run("verify", self.recordings)

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.directory)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class HTTPGateway(Gateway):
    """`wiretrail record` before the HTTP server at `upstream_port`."""

    @property
    def command(self):
        return ["record", f"http://127.0.0.1:{self.upstream_port}", "--listen", "127.0.0.1:0"]
