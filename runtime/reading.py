"""Read messages from a file or standard input, line by line, in bounded memory."""

from __future__ import annotations

import gzip
import os
import sys
import time
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from select import select
from typing import BinaryIO, cast

from consumers.envelope import Cut
from runtime.cli_answers import USED_WRONGLY, fail

LONGEST = 1_000_001
"""Bytes kept of one line: enough to see that it is more than a message may have."""

GZIP = b"\x1f\x8b"


STDIN = 0
PIECE = 65_536


class Pipe:
    """The reading end of a pipe, which knows whether the next line is there already."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._have = bytearray()
        self._ended = False

    def readline(self, most: int) -> bytes:
        """Read up to the end of the line, of the pipe, or so many bytes. Empty: the end."""
        while not self._has_line(most):
            self._fetch()
        end = self._have.find(b"\n", 0, most) + 1 or most
        line = bytes(self._have[:end])
        del self._have[:end]
        return line

    def is_silent(self, seconds: float) -> bool:
        """Whether no whole line comes within so many seconds."""
        until = time.monotonic() + seconds
        while not self._has_line(LONGEST):
            if not select([self._number], [], [], max(0.0, until - time.monotonic()))[0]:
                return True
            self._fetch()
        return False

    def _has_line(self, most: int) -> bool:
        return self._ended or len(self._have) >= most or b"\n" in self._have

    def _fetch(self) -> None:
        piece = os.read(self._number, PIECE)
        self._have += piece
        self._ended = not piece


class Lines:
    """The lines of a source, without line ends and blank ones; `read` counts bytes of the file."""

    def __init__(
        self,
        raw: BinaryIO,
        text: BinaryIO | Pipe,
        size: int | None,
        longest: int = LONGEST,
    ) -> None:
        self._raw = raw
        self._text = text
        self._longest = longest
        self.size = size

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._lines()
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            fail(
                f"The file is cut off or damaged: {error}.",
                "What came before that was taken. Get a good copy and run it again.",
            )

    def _lines(self) -> Iterator[bytes]:
        while line := self._text.readline(self._longest + 1):
            size = self._size(line)
            kept = line[: self._longest] if size > self._longest else line.rstrip(b"\r\n")
            if size > self._longest:
                yield Cut.of(kept, size)
            elif kept.strip():
                yield kept

    def _size(self, line: bytes) -> int:
        """Count the bytes of a line without its end, and read on to that, keeping nothing."""
        size, end = len(line), line
        while size > self._longest and not end.endswith(b"\n"):
            more = self._text.readline(self._longest)
            if not more:
                break
            size, end = size + len(more), end[-1:] + more
        return size - len(end) + len(end.rstrip(b"\r\n"))

    def is_silent(self, seconds: float) -> bool:
        """Whether no line comes within so many seconds; a file is never silent."""
        return isinstance(self._text, Pipe) and self._text.is_silent(seconds)

    @property
    def read(self) -> int:
        """How far into the file we are, in bytes; 0 where that cannot be known."""
        return self._raw.tell() if self.size is not None else 0


@contextmanager
def opened(name: str, longest: int = LONGEST) -> Iterator[Lines]:
    """Open a file (gzip is recognised by its content), or standard input for `-`.

    Of a line `longest` bytes are kept.
    """
    with ExitStack() as stack:
        if name == "-":
            yield Lines(sys.stdin.buffer, Pipe(STDIN), None, longest)
            return
        path = Path(name)
        if not path.exists():
            fail(f"There is no file {name}.", "Name a file of JSON lines, or - .", USED_WRONGLY)
        if path.is_dir():
            fail(f"{name} is a folder.", "Name a file of JSON lines, or - .", USED_WRONGLY)
        raw = stack.enter_context(path.open("rb"))
        size = path.stat().st_size if path.is_file() else None
        yield Lines(raw, _unpacked(raw, size), size, longest)


def _unpacked(raw: BinaryIO, size: int | None) -> BinaryIO | Pipe:
    if size is None:  # a pipe cannot be looked into twice
        return Pipe(raw.fileno())
    packed = raw.read(2) == GZIP
    raw.seek(0)
    return cast("BinaryIO", gzip.open(raw)) if packed else raw
