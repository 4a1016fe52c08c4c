"""What HTTP is measured with: static files behind nginx, HAProxy and Wiretrail as reverse proxies, all on their own ports."""

import os
import shutil
import subprocess

import contenders as field
from sandbox import HTTPGateway, free_port, temporary_directory

SIZES = {"1k": 1024, "100k": 100 * 1024}


class Origin:
    """nginx with a file per entry of SIZES, which whoever is measured stands in front of."""

    def __init__(self):
        files = temporary_directory("files")
        for name, size in SIZES.items():
            (files / name).write_bytes((b"0123456789abcdef" * (size // 16)))
        self.files = files
        self.contender = nginx("origin", f"root {files};")
        self.port = self.contender.port

    def close(self):
        self.contender.stop()
        shutil.rmtree(self.files)


def direct(origin):
    return field.Contender("direct", origin.port)


def nginx_proxy(origin, certificate=None):
    """Connections to the origin are kept."""
    upstream = f"upstream origin {{ server 127.0.0.1:{origin.port}; keepalive 1024; keepalive_requests 1000000000; }}"
    location = """location / {
        proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_read_timeout 1h;
    }"""
    return nginx("nginx", location, upstream, certificate)


def nginx(name, server, http="", certificate=None):
    port, directory = free_port(), temporary_directory(name)
    tls = f"ssl_certificate {certificate.chain}; ssl_certificate_key {certificate.key}; ssl_protocols TLSv1.3;" if certificate else ""
    (directory / "nginx.conf").write_text(f"""
worker_processes {os.cpu_count()};
daemon off;
pid {directory}/pid;
error_log {directory}/error.log;
events {{ worker_connections 18000; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on;
  keepalive_timeout 1h; keepalive_requests 1000000000;
  client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  {http}
  server {{ listen 127.0.0.1:{port} backlog=4096 {"ssl" if certificate else ""}; {tls} {server} }}
}}
""")
    words = ["nginx", "-p", directory, "-c", directory / "nginx.conf", "-e", directory / "error.log"]
    return field.started(name, port, subprocess.Popen(words, stderr=subprocess.DEVNULL), directory)


def haproxy(origin, certificate=None):
    """HTTP mode, a thread per core."""
    port, directory = free_port(), temporary_directory("haproxy")
    bind = f"ssl crt {certificate.both} ssl-min-ver TLSv1.3" if certificate else ""
    (directory / "haproxy.cfg").write_text(f"""
global
  nbthread {os.cpu_count()}
  maxconn 9000
defaults
  mode http
  timeout connect 10s
  timeout client 1h
  timeout server 1h
  http-reuse always
  option http-no-delay
listen web
  bind 127.0.0.1:{port} backlog 4096 {bind}
  server origin 127.0.0.1:{origin.port}
""")
    return field.started("haproxy", port, subprocess.Popen(["haproxy", "-q", "-f", directory / "haproxy.cfg"]), directory)


def wiretrail(origin, binary):
    gateway = HTTPGateway(binary, origin.port).start().wait_until_listening()
    return field.Contender("wiretrail", gateway.port, gateway.process.pid, gateway.close)


def gateway(origin, binary, certificate):
    """`wiretrail gateway` with TLS towards the client."""
    listener = f"""protocol: http
    tls: {{ certificate: {certificate.chain}, key: {certificate.key} }}"""
    target = f"""
    protocol: http
    url: http://127.0.0.1:{origin.port}"""
    return field.configured(binary, "wiretrail", listener, target)


class Certificate:
    """One P-256 certificate for whoever takes TLS."""

    def __init__(self):
        self.directory = temporary_directory("certificate")
        self.chain, self.key, self.both = (self.directory / name for name in ("server.pem", "server.key", "both.pem"))
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", self.key, "-out", self.chain, "-days", "30", "-subj", "/CN=localhost"],
                       check=True, stderr=subprocess.DEVNULL)
        self.both.write_text(self.chain.read_text() + self.key.read_text())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory)
