"""SDP (RFC 4566) of an end that offers what a test wants: sound, picture (RFC 6184), fax (T.38 annex D). Pure."""

import re
from collections.abc import Sequence

KINDS = {"PCMU": 0, "PCMA": 8, "G722": 9, "H264": 99, "telephone-event": 101}
"""Payload types by encoding name; from 96 on they are a choice."""

_FAX = (
    "T38FaxVersion:0",
    "T38MaxBitRate:14400",
    "T38FaxRateManagement:transferredTCF",
    "T38FaxMaxBuffer:1024",
    "T38FaxMaxDatagram:238",
    "T38FaxUdpEC:t38UDPRedundancy",
)


def sound(port: int, codecs: Sequence[str]) -> list[str]:
    return _stream("audio", port, codecs, 8000)


def picture(port: int, fmtp: str) -> list[str]:
    """Port 0 declines it."""
    return [*_stream("video", port, ("H264",), 90_000), f"a=fmtp:{KINDS['H264']} {fmtp}"]


def fax(port: int) -> list[str]:
    return [f"m=image {port} udptl t38", *(f"a={one}" for one in _FAX)]


def body(host: str, *streams: Sequence[str], version: int = 1) -> str:
    head = ["v=0", f"o=- 1 {version} IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0"]
    return "\r\n".join([*head, *(line for stream in streams for line in stream), ""])


def streams(text: str) -> dict[str, tuple[str, int]]:
    """Medium → address and port; what was declined (port 0) is not there."""
    session, *media = re.split(r"^(?=m=)", text, flags=re.M)
    found = {}
    for one in media:
        kind, port = one.split()[:2]
        where = re.search(r"^c=IN IP4 (\S+)", one, re.M) or re.search(r"^c=IN IP4 (\S+)", session, re.M)
        if where is None:
            raise ValueError(f"SDP: found no address for {kind} in {text!r}")
        if int(port):
            found[kind.removeprefix("m=")] = (where[1], int(port))
    return found


def codecs(text: str, medium: str) -> list[str]:
    """Encoding names of a medium in the order of its m= line; what has no rtpmap is named by its number."""
    line = re.search(rf"^m={medium} \d+ \S+ (.*?)\r?$", text, re.M)
    names = dict(re.findall(r"^a=rtpmap:(\d+) ([A-Za-z0-9.-]+)/", text, re.M))
    return [names.get(kind, kind) for kind in line[1].split()] if line else []


def fmtp(text: str, codec: str) -> set[str]:
    """The parameters of a codec."""
    kinds = {name: kind for kind, name in re.findall(r"^a=rtpmap:(\d+) ([A-Za-z0-9.-]+)/", text, re.M)}
    line = re.search(rf"^a=fmtp:{kinds[codec]} (\S+)", text, re.M)
    return set(line[1].split(";")) if line else set()


def _stream(medium: str, port: int, codecs: Sequence[str], clock: int) -> list[str]:
    kinds = " ".join(str(KINDS[codec]) for codec in codecs)
    return [f"m={medium} {port} RTP/AVP {kinds}", *(f"a=rtpmap:{KINDS[codec]} {codec}/{clock}" for codec in codecs)]
