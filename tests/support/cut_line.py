"""A line to PostgreSQL that breaks at the worst moment: behind a commit, before its answer."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

SOCKET = ".s.PGSQL.5432"


class CutLine:
    """Passes bytes on between a client and a server; `cut_at` chooses an answer to swallow."""

    def __init__(self, server_url: str, folder: Path) -> None:
        parts = urlsplit(server_url)
        self._server = str(Path(parse_qs(parts.query)["host"][0]) / SOCKET)
        self.url = urlunsplit(parts._replace(query=f"host={quote(str(folder), safe='')}"))
        self.cut_at: bytes | None = None
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(folder / SOCKET))
        self._door.listen()
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._pass_on(client, server, lambda _: False)
            self._pass_on(
                server, client, lambda answer: bool(self.cut_at and self.cut_at in answer)
            )

    @staticmethod
    def _pass_on(
        source: socket.socket, target: socket.socket, cut: Callable[[bytes], bool]
    ) -> None:
        def run() -> None:
            with source, target:
                try:
                    while (said := source.recv(65536)) and not cut(said):
                        target.sendall(said)
                    for end in (source, target):
                        end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # the other side is gone already

        Thread(target=run, daemon=True).start()

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
