"""Make text from outside harmless on a terminal and in a log."""

from __future__ import annotations

_UNSAFE = {n: f"\\x{n:02x}" for n in (*range(0x20), *range(0x7F, 0xA0))}
_TURNING = (0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
_UNSAFE |= {n: f"\\u{n:04x}" for n in _TURNING}


def escape(text: str) -> str:
    r"""Write control characters, and those that turn text around, as `\x1b`."""
    return text.translate(_UNSAFE)
