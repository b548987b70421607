"""What goes over the manager interface, apart from any socket: its errors, its header lines, its states."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from dialplan.errors import BadValue

LINE_LIMIT = 1000
"""Bytes of one header line. Asterisk 22.10 takes 1,019 and answers a longer one without its ActionID."""


class ManagerError(Exception):
    """The root: catching it catches whatever agi.manager raises on purpose, but for BadValue.

    ManagerError
    ├── NotConnected  nobody is logged in: nothing was sent
    ├── Disconnected  the connection went while the answer was awaited: whether it was done is not known
    ├── TimedOut      no whole answer in its time: whether it was done is not known
    ├── Refused       Asterisk answered and said no
    └── LoginRefused  Asterisk does not know this user, or not with this secret
    """


class NotConnected(ManagerError):
    pass


class Disconnected(ManagerError):
    pass


class TimedOut(ManagerError):
    pass


class Refused(ManagerError):
    def __init__(self, action: str, message: str) -> None:
        self.message = message
        super().__init__(f"AMI {action}: Asterisk answered {message!r}, expected success")


class LoginRefused(ManagerError):
    pass


def checked(fields: Mapping[str, str]) -> dict[str, str]:
    """The same fields, fit to be header lines. Raises BadValue for one that would not arrive as it was sent:
    a control character (a line break would begin a header of its own), blanks at its ends, too many bytes."""
    for name, value in fields.items():
        if any(ord(char) < 32 or ord(char) == 127 for char in value):
            raise BadValue(f"AMI {name}", value[:80], "no control characters")
        if value != value.strip():
            raise BadValue(f"AMI {name}", value[:80], "no blanks before or after it")
        try:
            length = len(f"{name}: {value}".encode())
        except UnicodeEncodeError:
            raise BadValue(f"AMI {name}", value[:80], "characters that UTF-8 has") from None
        if length > LINE_LIMIT:
            found = f"{value[:80]}… ({length} bytes)"
            raise BadValue(f"AMI {name}", found, f"a line of {LINE_LIMIT} bytes at most")
    return dict(fields)


class StateKind(StrEnum):
    CONTACT = "ContactStatus"
    PEER = "PeerStatus"
    DEVICE = "DeviceStateChange"


@dataclass(frozen=True, slots=True, kw_only=True)
class StateChange:
    """`name` is the endpoint (contact), the channel technology and endpoint (peer) or the device; `state` is
    Asterisk's own word (Reachable, Unreachable, Removed …, Registered …, NOT_INUSE …); `address` may be empty."""

    kind: StateKind
    name: str
    state: str
    address: str


def state_change(event: Mapping[str, str]) -> StateChange:
    """Raises KeyError when the event lacks what Asterisk 22 always sends."""
    kind = StateKind(event["Event"])
    if kind is StateKind.CONTACT:
        name, address = event["EndpointName"] or event["AOR"], event.get("URI", "")
        return StateChange(kind=kind, name=name, state=event["ContactStatus"], address=address)
    if kind is StateKind.PEER:
        return StateChange(kind=kind, name=event["Peer"], state=event["PeerStatus"], address=event.get("Address", ""))
    return StateChange(kind=kind, name=event["Device"], state=event["State"], address="")
