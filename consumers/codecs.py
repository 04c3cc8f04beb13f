"""Compressed record batches, opened within bounds: a small bomb must not fill the memory."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

import lz4.frame
import snappy
import zstandard

LIMIT = 64_000_000
"""Bytes that one batch may hold when it is open. Producers build batches of about 1 MB."""

XERIAL = b"\x82SNAPPY\x00"
XERIAL_HEADER = 16


class TooLarge(Exception):
    """The batch holds more than LIMIT bytes."""


class Unknown(Exception):
    """No such codec."""


def gzip(data: bytes) -> bytes:
    opener = zlib.decompressobj(wbits=31)
    opened = _bounded(opener.decompress(data, LIMIT + 1))
    if not opener.eof:
        raise ValueError("the gzip stream ends early")
    return opened


def lz4_frame(data: bytes) -> bytes:
    opener = lz4.frame.LZ4FrameDecompressor()
    opened = _bounded(opener.decompress(data, max_length=LIMIT + 1))
    if not opener.eof:
        raise ValueError("the lz4 frame ends early")
    return bytes(opened)


def zstd(data: bytes) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as opener:
        return _bounded(opener.read(LIMIT + 1))


def snappy_blocks(data: bytes) -> bytes:
    """Open snappy as Java's clients write it (blocks behind a header), or one bare block."""
    if not data.startswith(XERIAL):
        return _snappy_block(data, LIMIT)
    opened: list[bytes] = []
    left, at = LIMIT, XERIAL_HEADER
    while at < len(data):
        (size,) = struct.unpack_from(">i", data, at)
        if size <= 0 or at + 4 + size > len(data):
            raise ValueError("a snappy block is longer than the batch")
        opened.append(_snappy_block(data[at + 4 : at + 4 + size], left))
        left -= len(opened[-1])
        at += 4 + size
    return b"".join(opened)


CODECS: dict[int, Callable[[bytes], bytes]] = {1: gzip, 2: snappy_blocks, 3: lz4_frame, 4: zstd}
"""By the number that a batch's attributes carry; 0 is no compression."""


def opened(codec: int, data: bytes) -> bytes:
    """Open a batch's body. Raises Unknown, TooLarge, or whatever the codec says to garbage."""
    if codec == 0:
        return data
    if codec not in CODECS:
        raise Unknown(f"compression codec {codec} does not exist")
    return CODECS[codec](data)


def _bounded(data: bytes) -> bytes:
    if len(data) > LIMIT:
        raise TooLarge(f"the batch holds more than {LIMIT} bytes when it is open")
    return data


def _snappy_block(block: bytes, limit: int) -> bytes:
    """Open one block. It begins with its size, which is checked before any memory is taken."""
    size = shift = 0
    for byte in block[:5]:
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint has no high bit
            break
    if size > limit:
        raise TooLarge(f"the batch holds more than {LIMIT} bytes when it is open")
    return bytes(snappy.decompress(block))
