"""An MCP server in as few lines as show what reached it: prints its port, answers every call, and keeps what it was asked.

GET /seen tells all requests so far: their lines, their fields and their bodies.
"""

import http.server
import json

seen = []
tools = [{"name": name, "inputSchema": {"type": "object"}} for name in ("read", "pay", "delete_all")]


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.endswith("/seen"):
            return self.answer(seen)
        self.keep("")
        self.answer({})

    do_DELETE = do_PUT = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.keep(body)
        call = json.loads(body)
        if call["method"] == "initialize":
            result = {
                "protocolVersion": call["params"]["protocolVersion"],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "tools", "version": "1"},
            }
            return self.reply(call, result, {"Mcp-Session-Id": f"session-{len(seen)}"})
        if "id" not in call:
            self.send_response(202)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if call["method"] == "tools/list":
            return self.reply(call, {"tools": tools})
        self.reply(call, {"content": [{"type": "text", "text": "done"}]})

    def keep(self, body):
        seen.append({"line": self.requestline, "fields": self.headers.items(), "body": body})

    def reply(self, call, result, fields={}):
        self.answer({"jsonrpc": "2.0", "id": call["id"], "result": result}, fields)

    def answer(self, value, fields={}):
        text = json.dumps(value).encode()
        self.send_response(200)
        for name, field in fields.items():
            self.send_header(name, field)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
print(server.server_address[1], flush=True)
server.serve_forever()
