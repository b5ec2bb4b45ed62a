"""A webhook on this machine that remembers what it was told."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer


class Channel(HTTPServer):
    """A webhook that takes as many texts as it has room for, and refuses the others."""

    def __init__(self) -> None:
        """Listen on loopback."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.texts: list[str] = []
        self.room = 100


class Handler(BaseHTTPRequestHandler):
    """Takes or refuses one text."""

    server: Channel

    def do_POST(self) -> None:
        """Take it, or say that there is no room."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        has_room = len(self.server.texts) < self.server.room
        if has_room:
            self.server.texts.append(body["text"])
        self.send_response(200 if has_room else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""
