"""What is measured side by side: the server itself, pgbouncer, HAProxy, and Wiretrail's builds before the same server."""

import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "Tests/Harness"))
from sandbox import USER, Gateway, as_postgres, free_port, temporary_directory, wait_for  # noqa: E402

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def raise_file_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536), hard))


class Contender:
    """A relay in front of a server; `pid` is None for the server itself, which is not its cost. Its children are."""

    def __init__(self, name, port, pid=None, stop=lambda: None):
        self.name, self.port, self.pid, self.stop = name, port, pid, stop

    def cpu_seconds(self):
        """(user, system): the total is the scheduler's, in nanoseconds; its split is by clock ticks (proc(5))."""
        if self.pid is None:
            return 0.0, 0.0
        total = user = system = 0.0
        for process in self._processes():
            total += sum(int((task / "schedstat").read_text().split()[0]) for task in (process / "task").iterdir()) / 1e9
            fields = (process / "stat").read_text().rpartition(")")[2].split()
            user, system = user + int(fields[11]) / TICKS_PER_SECOND, system + int(fields[12]) / TICKS_PER_SECOND
        share = user / (user + system) if user + system else 0.0
        return total * share, total * (1 - share)

    def anonymous_bytes(self):
        status = "".join((process / "status").read_text() for process in self._processes())
        return sum(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("RssAnon"))

    def _processes(self):
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [Path(f"/proc/{pid}") for pid in (self.pid, *children)]


def direct(server):
    return Contender("direct", server.port)


def pgbouncer_without_reuse(server):
    """Logs in upstream for every client connection, as Wiretrail must: whoever logs in gets a session of his own."""
    return pgbouncer(server, "pgbouncer, no reuse", "server_lifetime = 0")


def pgbouncer(server, name="pgbouncer", setting=""):
    """Session mode. Once a client has gone, the next one gets its server connection after a DISCARD ALL."""
    port, directory = free_port(), temporary_directory("pgbouncer")
    (directory / "pgbouncer.ini").write_text(f"""
[databases]
postgres = host=127.0.0.1 port={server.port} user={USER}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = session
max_client_conn = 6000
default_pool_size = 6000
ignore_startup_parameters = extra_float_digits
log_connections = 0
log_disconnections = 0
{setting}
""")
    process = subprocess.Popen(as_postgres("pgbouncer", "-q", directory / "pgbouncer.ini"), stderr=subprocess.DEVNULL)
    return started(name, port, process, directory)


def haproxy(upstream, bind="", server=""):
    """TCP mode, a thread per core. `bind` and `server` add to the lines of that name."""
    port, directory = free_port(), temporary_directory("haproxy")
    (directory / "haproxy.cfg").write_text(f"""
global
  nbthread {os.cpu_count()}
  maxconn 6000
defaults
  mode tcp
  timeout connect 10s
  timeout client 1h
  timeout server 1h
listen postgres
  bind 127.0.0.1:{port} {bind}
  server upstream 127.0.0.1:{upstream.port} {server}
""")
    return started("haproxy", port, subprocess.Popen(["haproxy", "-q", "-f", directory / "haproxy.cfg"]), directory)


def started(name, port, process, directory):
    def listening():
        assert process.poll() is None, f"{name} did not start: see {directory}"
        return any(f":{port:04X} 00000000:0000 0A" in line for line in open("/proc/net/tcp"))
    wait_for(listening, name)

    def stop():
        process.terminate()
        process.wait()
        shutil.rmtree(directory)
    return Contender(name, port, process.pid, stop)


def wiretrail(server, binary, name="wiretrail", options=()):
    gateway = Gateway(binary, server.port, options=options).start().wait_until_listening()
    contender = Contender(name, gateway.port, gateway.process.pid, gateway.close)
    contender.gateway = gateway
    return contender


def gateway(server, binary, name="wiretrail gateway", listener="", more=""):
    """`wiretrail gateway` for the user who runs it. `more`: further sections of its configuration."""
    target = f"""
    url: postgres://127.0.0.1:{server.port}/postgres
    credential: {{ user: {USER} }}
    tls: {{ verification: "off" }}"""
    return configured(binary, name, listener, target, more)


def configured(binary, name, listener, target, more=""):
    port, directory = free_port(), temporary_directory("gateway")
    configuration = directory / "wiretrail.yaml"
    configuration.write_text(f"""\
version: 1
state: {directory}/state
listeners:
  - address: 127.0.0.1:{port}
    logins: [local]
    {listener}
targets:
  - name: postgres{target}
recording: {{ folder: {directory}/recordings }}
log: {{ level: error }}
{more}
""")
    with open(directory / "log", "w") as log:
        process = subprocess.Popen([binary, "gateway", "--config", configuration], stdout=log, stderr=log)
    return started(name, port, process, directory)


def build(*flags, scratch=".build"):
    """A release build; returns the binary's path."""
    words = [ROOT / "Scripts/build-release", "--scratch-path", scratch, *flags]
    return Path(subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True).stdout.strip())


def interrupt(process):
    process.send_signal(signal.SIGINT)
    return process.communicate()
