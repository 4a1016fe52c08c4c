#!/usr/bin/env python3
"""An OAuth 2.1 authorization server that lets everybody in as alice: metadata, registration, codes with PKCE, tokens.

    authorization.py KEYS

Writes its public keys to the file KEYS (a JWK set) and prints its port. Everything it was asked is printed behind that, a line each.
"""

import base64
import hashlib
import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
codes = {}


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        print("GET", url.path, flush=True)
        if url.path == "/.well-known/oauth-authorization-server":
            return self.answer(200, {
                "issuer": issuer, "authorization_endpoint": issuer + "/authorize", "token_endpoint": issuer + "/token",
                "registration_endpoint": issuer + "/register", "response_types_supported": ["code"],
                "grant_types_supported": ["authorization_code"], "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
            })
        if url.path != "/authorize":
            return self.answer(404, {})
        asked = {name: values[0] for name, values in parse_qs(url.query).items()}
        code = secrets.token_urlsafe()
        codes[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        self.answer(302, {}, {"Location": f"{asked['redirect_uri']}?{back}"})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        print("POST", self.path, flush=True)
        if self.path == "/register":
            return self.answer(201, json.loads(body) | {"client_id": "a-client"})
        asked = {name: values[0] for name, values in parse_qs(body).items()}
        began = codes.pop(asked["code"])
        proof = base64.urlsafe_b64encode(hashlib.sha256(asked["code_verifier"].encode()).digest()).decode().rstrip("=")
        if proof != began["code_challenge"] or asked["resource"] != began["resource"]:
            return self.answer(400, {"error": "invalid_grant"})
        print("resource", asked["resource"], flush=True)
        claims = {"iss": issuer, "aud": "wiretrail", "sub": "alice", "exp": int(time.time()) + 600}
        token = jwt.encode(claims, key, "RS256", {"kid": "1"})
        print("token", token, flush=True)
        self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": 600})

    def answer(self, status, value, fields={}):
        text = json.dumps(value).encode()
        self.send_response(status)
        for name, field in (fields | {"Content-Type": "application/json", "Content-Length": str(len(text))}).items():
            self.send_header(name, field)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


with open(sys.argv[1], "w") as file:
    public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    json.dump({"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]}, file)
server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
issuer = f"http://127.0.0.1:{server.server_address[1]}"
print(server.server_address[1], flush=True)
server.serve_forever()
