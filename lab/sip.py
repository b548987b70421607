"""As much of SIP (RFC 3261, 2617, 4566) as a phone needs that only calls: text in, text out. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

TELEPHONE_EVENT = 101
PCMU = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`first` is the request or status line; header names are in lower case, the first of each kept."""

    first: str
    headers: Mapping[str, str]
    body: str

    @property
    def status(self) -> int | None:
        """None for a request."""
        return int(self.first[8:11]) if self.first.startswith("SIP/2.0 ") else None

    @property
    def method(self) -> str:
        """Of a response, that of the request it answers."""
        return self.first.partition(" ")[0] if self.status is None else self.headers["cseq"].split()[1]


def parse(datagram: bytes) -> Message:
    head, _, body = datagram.decode("utf-8", "replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return Message(first=first, headers=headers, body=body)


def write(first: str, headers: Mapping[str, str], body: str = "") -> bytes:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items()), f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def offer(host: str, port: int, *, events: bool = True) -> str:
    """µ-law, with RFC 4733 events unless the phone has no such thing."""
    formats = f"{PCMU} {TELEPHONE_EVENT}" if events else f"{PCMU}"
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0", f"m=audio {port} RTP/AVP {formats}"]
    lines += ["a=rtpmap:0 PCMU/8000", "a=ptime:20"]
    if events:
        lines += [f"a=rtpmap:{TELEPHONE_EVENT} telephone-event/8000", f"a=fmtp:{TELEPHONE_EVENT} 0-15"]
    return "\r\n".join([*lines, "a=sendrecv", ""])


def media(body: str) -> tuple[str, int]:
    """Where the other side wants to be sent sound. Raises ValueError."""
    host, port = re.search(r"^c=IN IP4 (\S+)", body, re.M), re.search(r"^m=audio (\d+) ", body, re.M)
    if host is None or port is None:
        raise ValueError(f"SDP: found {body!r}, expected an address and a port for audio")
    return host[1], int(port[1])


def authorisation(challenge: str, user: str, password: str, method: str, uri: str) -> str:
    """The answer to a Digest challenge, by MD5, as RFC 2617 has it."""
    asked = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.partition(" ")[2]))

    def digest(*parts: str) -> str:
        return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()

    secret, request = digest(user, asked["realm"], password), digest(method, uri)
    fields = {"username": user, "realm": asked["realm"], "nonce": asked["nonce"], "uri": uri}
    quoted = [f'{name}="{value}"' for name, value in fields.items()]
    if "qop" not in asked:
        response = digest(secret, asked["nonce"], request)
    else:
        response = digest(secret, asked["nonce"], "00000001", "c0ffee", "auth", request)
        quoted += ["qop=auth", "nc=00000001", 'cnonce="c0ffee"']
    if "opaque" in asked:
        quoted.append(f'opaque="{asked["opaque"]}"')
    return "Digest " + ", ".join([*quoted, f'response="{response}"', "algorithm=MD5"])
