"""Servers that judge how a stream of bytes is to be read: nginx, Apache, lighttpd and h11, each telling what it understood."""

import shutil
import socket
import subprocess
import threading

import h11

from sandbox import free_port, temporary_directory, wait_for

CANARY = b"GET /canary HTTP/1.1\r\nHost: canary\r\nConnection: close\r\n\r\n"


class Judge:
    """A server on a port of its own. `tells` whether its answers hold the method and the target that it has read."""

    def __init__(self, name, configuration, words, tells):
        self.name, self.tells = name, tells
        self.port, self.directory = free_port(), temporary_directory(name)
        (self.directory / "canary").write_text("GET /canary\n")  # for those that serve files only
        path = self.directory / "configuration"
        path.write_text(configuration.format(port=self.port, directory=self.directory))
        words = [str(word).format(path=path, directory=self.directory) for word in words]
        self.log = open(self.directory / "log", "w")
        self.process = subprocess.Popen(words, stdout=self.log, stderr=self.log)
        wait_for(self._listens, f"{name}, whose log is {self.directory}/log")

    def _listens(self):
        assert self.process.poll() is None, (self.directory / "log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def close(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()
        shutil.rmtree(self.directory)


def nginx():
    return Judge("nginx", """
daemon off; pid {directory}/pid; error_log {directory}/error.log; events {{ }}
http {{
  access_log off; client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi; uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
  server {{ listen 127.0.0.1:{port}; location / {{ return 200 "$request_method $request_uri\\n"; }} }}
}}
""", ["nginx", "-p", "{directory}", "-c", "{path}", "-e", "{directory}/error.log"], tells=True)


def apache():
    modules = "/usr/lib/apache2/modules"
    return Judge("apache", """
ServerRoot {directory}
LoadModule mpm_event_module %s/mod_mpm_event.so
LoadModule authz_core_module %s/mod_authz_core.so
Listen 127.0.0.1:{port}
ServerName localhost
PidFile {directory}/pid
ErrorLog {directory}/error.log
DocumentRoot {directory}
User www-data
Group www-data
ErrorDocument 404 "%%{{THE_REQUEST}}"
""" % (modules, modules), ["apache2", "-D", "FOREGROUND", "-f", "{path}"], tells=True)


def lighttpd():
    return Judge("lighttpd", """
server.document-root = "{directory}"
server.bind = "127.0.0.1"
server.port = {port}
server.errorlog = "{directory}/error.log"
""", ["lighttpd", "-D", "-f", "{path}"], tells=False)


class H11:
    """The parser of uvicorn and httpx, in a thread of ours."""

    name, tells = "h11", True

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with peer:
                self._serve(peer)

    def _serve(self, peer):
        connection, request = h11.Connection(h11.SERVER), None
        peer.settimeout(60)
        try:
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA:
                    connection.receive_data(peer.recv(65536))
                elif isinstance(event, h11.Request):
                    request = event
                elif isinstance(event, h11.EndOfMessage):
                    body = request.method + b" " + request.target + b"\n"
                    peer.sendall(connection.send(h11.Response(status_code=200, headers=[("Content-Length", str(len(body)))])))
                    peer.sendall(connection.send(h11.Data(body if request.method != b"HEAD" else b"")) or b"")
                    peer.sendall(connection.send(h11.EndOfMessage()) or b"")
                    if connection.our_state is h11.MUST_CLOSE:
                        return
                    connection.start_next_cycle()
                elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                    return
        except h11.RemoteProtocolError as error:
            peer.sendall(b"HTTP/1.1 %d Refused\r\nContent-Length: 0\r\n\r\n" % error.error_status_hint)
        except (h11.LocalProtocolError, OSError):
            pass

    def close(self):
        self.listener.close()


def understood(judge, stream):
    """[(status, body, whether it says that it closes)] of what the judge answers to these bytes and a canary behind them, until it closes."""
    with socket.create_connection(("127.0.0.1", judge.port), timeout=60) as connection:
        answered = b""
        try:
            connection.sendall(stream + CANARY)
            while piece := connection.recv(65536):
                answered += piece
        except OSError:
            pass  # a reset behind a refusal, or silence: whatever came is what counts
    return list(answers(answered, stream.startswith(b"HEAD ")))


def answers(stream, is_head):
    """`is_head`: the first one has no body."""
    while stream:
        head, _, rest = stream.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        fields = dict(line.lower().split(b": ", 1) for line in lines[1:] if b": " in line)
        status = int(lines[0].split()[1])
        if is_head:
            body = b""
        elif fields.get(b"transfer-encoding") == b"chunked":
            size, _, rest = rest.partition(b"\r\n")
            body, rest = rest[:int(size, 16)], rest.partition(b"0\r\n\r\n")[2]
        else:
            length = int(fields.get(b"content-length", 0))
            body, rest = (b"", rest) if status < 200 else (rest[:length], rest[length:])
        if status >= 200:
            yield status, body.strip().decode("latin-1"), fields.get(b"connection") == b"close"
            is_head = False
        stream = rest
