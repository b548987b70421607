"""Panasonic's configuration files, by its guide's Configuration File Specifications."""

import re

HEADER = b"# Panasonic SIP Phone Standard Format File #"
_PARAMETER = re.compile(r'([A-Z0-9_]{1,32})="([^"]{0,500})"')


def read(data: bytes) -> dict[str, str]:
    """Raises ValueError for whatever the phone would not take, or would skip."""
    if not data.startswith(HEADER):
        raise ValueError("no designated character sequence")
    if len(data) > 120 * 1024:
        raise ValueError(f"{len(data)} bytes")
    if not data.endswith(b"\r\n\r\n"):
        raise ValueError("no empty line at the end")
    if data.count(b"\r") != data.count(b"\n") or data.count(b"\r\n") != data.count(b"\n"):
        raise ValueError("a line that does not end with CR LF")
    found: dict[str, str] = {}
    for line in data.split(b"\r\n"):
        if len(line) + 2 > 537:
            raise ValueError(f"{len(line) + 2} bytes in a line")
        if not line or line.startswith(b"#"):
            continue
        parameter = _PARAMETER.fullmatch(line.decode())
        if parameter is None:
            raise ValueError(f"line {line!r}")
        if parameter[1] in found:
            raise ValueError(f"{parameter[1]} twice")
        found[parameter[1]] = parameter[2]
    return found
