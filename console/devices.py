"""Devices as the command line handles them: the lines on their ports, and what a change means for those lines."""

import getpass
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from sqlalchemy import Connection

from console.which import line_named
from dialplan.errors import BadValue
from dialplan.numbers import shown
from provisioning.device import Device
from provisioning.inventory import PortLine
from provisioning.makers import all as makers
from provisioning.makers.maker import Model
from provisioning.records.find import tls_lines
from store.secrets import seal
from subscribers.records.find import get_line_for_call
from subscribers.records.phones import lend_handset, take_back_handset
from subscribers.records.revisions import mark_changed, next_revision
from subscribers.states import LineForCall
from subscribers.tables import lines

MacText = Annotated[str, typer.Argument(metavar="MAC", help="As on its label, in any spelling.")]


def model_of(device: Device) -> Model:
    """Raises BadValue for a model that this version has no row for (any more)."""
    return makers.model(f"{device.maker}/{device.model}")[1]


def wanted_ports(
    conn: Connection, line: str | None, ports: Sequence[str], at: datetime
) -> tuple[list[PortLine], list[int]]:
    """From --line (port 1) and --port NUMBER=LINE: what goes on ports, and from NUMBER= what comes off.

    Raises BadValue, also for a line that has ended.
    """
    given = [f"1={line}", *ports] if line is not None else list(ports)
    on: list[PortLine] = []
    off: list[int] = []
    for one in given:
        number, sign, name = one.partition("=")
        if not (sign and number.isascii() and number.isdecimal() and len(number) <= 4):
            raise BadValue("port", one[:60], "NUMBER=LINE such as 2=0312345678, or NUMBER= to take its line off")
        if name:
            on.append(_port_line(int(number), line_named(conn, name), at))
        else:
            off.append(int(number))
    return on, off


def ports_again(conn: Connection, device: Device) -> list[PortLine]:
    """What the device has on its ports, to be put on another's."""
    found = ((port.number, get_line_for_call(conn, port.line_id)) for port in device.ports)
    return [_plain(number, line) for number, line in found]


@contextmanager
def lines_told(conn: Connection) -> Iterator[None]:
    """Whether a line's device speaks TLS stands in the switch's configuration: where a change of devices changes
    that, the line counts as changed too.
    """
    before = tls_lines(conn)
    yield
    turned = before ^ tls_lines(conn)
    if turned:
        mark_changed(conn, next_revision(conn), lines.c.id.in_(turned))


def renew_accounts(conn: Connection, line_ids: Iterable[int], key: str) -> None:
    """New SIP passwords: a device that is gone knows the old ones, and could call at the lines' cost."""
    for line_id in line_ids:
        handset = get_line_for_call(conn, line_id).line.handset
        if handset is None:
            continue
        take_back_handset(conn, line_id)
        sealed = seal(secrets.token_urlsafe(24), key)
        lend_handset(conn, line_id, sip_user=handset.sip_user, sealed_password=sealed, presents=handset.presents)


def said_of(device: Device) -> str:
    """ "00:15:65:… (T46U): lent with line 12 on port 1"."""
    on = ", ".join(f"line {port.line_id} on port {port.number}" for port in device.ports)
    return f"{device.mac.colons} ({device.model}): {device.state}{f' with {on}' if on else ''}"


def whoever() -> str:
    """The name of the one at the keyboard, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "operator"


def _port_line(number: int, found: LineForCall, at: datetime) -> PortLine:
    line = found.line
    if line.ended(at):
        raise BadValue("line", f"{line.id} {shown(line.number)}, ended", "a line that has not ended")
    return _plain(number, found)


def _plain(number: int, found: LineForCall) -> PortLine:
    line = found.line
    return PortLine(number=number, line_id=line.id, shown=shown(line.number), has_account=line.handset is not None)
