"""Netascii, the lines of RFC 764's NVT: what RFC 1350 section 1 calls a text file on the wire. Pure."""


def to_netascii(data: bytes) -> bytes:
    """LF becomes CR LF and CR becomes CR NUL, also where the two stand together: so that it can be turned back."""
    return data.replace(b"\r", b"\r\0").replace(b"\n", b"\r\n")
