"""The contenders with TLS towards the client: one P-256 certificate, TLS 1.3, AES-256-GCM; plain towards the server."""

import os
import shutil
import subprocess

import contenders as field
from sandbox import temporary_directory

CLIENT = {"PGSSLMODE": "require", "PGSSLMINPROTOCOLVERSION": "TLSv1.3"}


class Server:
    """A running server, which takes TLS as long as this lasts; whoever does not ask for it goes on without."""

    def __init__(self, server):
        self.server, self.port = server, server.port

    def __enter__(self):
        self.directory = temporary_directory("certificate")
        self.certificate, self.key = self.directory / "server.pem", self.directory / "server.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.key, "-out", self.certificate, "-days", "30", "-subj", "/CN=localhost"],
                       check=True, stderr=subprocess.DEVNULL)
        if os.geteuid() == 0:  # pgbouncer and the server run as postgres
            shutil.chown(self.key, group="postgres")
            self.key.chmod(0o640)
        (self.directory / "both.pem").write_bytes(self.certificate.read_bytes() + self.key.read_bytes())
        self._set(f"ssl_cert_file = '{self.certificate}'", f"ssl_key_file = '{self.key}'", "ssl = on")
        return self

    def __exit__(self, *_):
        self._set("ssl = off")
        shutil.rmtree(self.directory)

    def _set(self, *settings):
        self.server.psql("".join(f"ALTER SYSTEM SET {setting};\n" for setting in settings) + "SELECT pg_reload_conf()")


def pgbouncer(server):
    return field.pgbouncer(server, setting=f"""
client_tls_sslmode = require
client_tls_protocols = tlsv1.3
client_tls_cert_file = {server.certificate}
client_tls_key_file = {server.key}
server_tls_sslmode = disable
""")


def haproxy(server):
    """Its TCP mode does not know PostgreSQL's SSLRequest: TLS from the first byte on."""
    return field.haproxy(server, bind=f"ssl crt {server.directory}/both.pem alpn postgresql ssl-min-ver TLSv1.3")


def gateway(server, binary):
    return field.gateway(server, binary, listener=f"tls: {{ certificate: {server.certificate}, key: {server.key} }}")


def from_the_first_byte(contender):
    """The contender, reached through another HAProxy that begins with TLS at once, as sslnegotiation=direct would: Debian 12's
    clients cannot. What that one costs is nobody's."""
    near = field.haproxy(contender, server="ssl verify none alpn postgresql ssl-min-ver TLSv1.3")

    def stop():
        near.stop()
        contender.stop()
    return field.Contender(contender.name, near.port, contender.pid, stop)


def check(contender, environment):
    """What is compared has to be the same cipher."""
    words = ["psql", "-Xq", "-c", "\\conninfo"]
    said = subprocess.run(words, env=environment | CLIENT, check=True, capture_output=True, text=True).stdout
    assert "TLSv1.3, cipher: TLS_AES_256_GCM_SHA384" in said, f"{contender.name} speaks otherwise: {said}"
