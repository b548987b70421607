"""What follows for lines and members when a device goes down or comes back: the glue of provisioning.watch."""

from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy import Connection

from provisioning.device import Device
from provisioning.snmp.health import Change, ChangeKind
from provisioning.watch import Beyond
from subscribers.records.faults import DOWN_MAIL, UP_MAIL, faulty_lines, set_faulty, sip_users, tell_members

log = structlog.get_logger(__name__)

_MAILS = {
    ChangeKind.WENT_DOWN: DOWN_MAIL,
    ChangeKind.PORT_DIED: DOWN_MAIL,
    ChangeKind.CAME_BACK: UP_MAIL,
    ChangeKind.PORT_BACK: UP_MAIL,
}


def notify(conn: Connection, device: Device, change: Change, at: datetime) -> None:
    """A device's change goes to the members of all its lines, a port's to its line's; a restart to nobody."""
    kind = _MAILS.get(change.kind)
    if kind is None:
        return
    lines = [port.line_id for port in device.ports if change.port in (None, port.number)]
    told = tell_members(conn, lines, kind, at)
    log.info("members told", device=device.mac.colons, about=kind, mails=told)


def faults(conn: Connection, lines: Mapping[int, bool], at: datetime) -> None:
    set_faulty(conn, lines)


BEYOND = Beyond(users=sip_users, faulty=faulty_lines, faults=faults, notify=notify)
