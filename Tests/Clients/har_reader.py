"""Reads HAR files as others do: by the schema, haralyzer and mitmproxy. Prints what mitmproxy has found, a JSON line per file.

Usage: har_reader.py FILE...
"""

import base64
import json
import os
import sys

import jsonschema
from haralyzer import HarParser
from mitmproxy.io import FlowReader

SCHEMA = os.path.join(os.path.dirname(__file__), "har-1.2.json")


def text(content):
    return base64.b64encode(content or b"").decode()


def main():
    with open(SCHEMA) as file:
        validator = jsonschema.Draft202012Validator(json.load(file), format_checker=jsonschema.FormatChecker())
    for path in sys.argv[1:]:
        with open(path, encoding="utf-8") as file:
            archive = json.load(file)
        faults = [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(archive)]
        entries = len(HarParser(archive).har_data["entries"])
        with open(path, "rb") as file:
            flows = list(FlowReader(file).stream()) if archive["log"]["entries"] else []
        seen = [
            {
                "method": flow.request.method,
                "url": flow.request.url,
                "status": flow.response.status_code,
                "request": text(flow.request.raw_content),
                "response": text(flow.response.raw_content),
            }
            for flow in flows
        ]
        print(json.dumps({"faults": faults, "entries": entries, "flows": seen}))


main()
