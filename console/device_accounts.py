"""What the ports of a device register with, as subscribers' lines have it: the glue of provisioning.lookups."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from dialplan.errors import BadValue
from dialplan.numbers import national, shown
from provisioning.device import Port
from provisioning.lookups import Accounts
from provisioning.setup import Account
from store.secrets import WrongKey, unseal
from subscribers.tables import handsets, lines

_OF_LINES: Select[Any] = (
    select(
        lines.c.id,
        lines.c.number,
        lines.c.language,
        handsets.c.sip_user,
        handsets.c.sealed_password,
        handsets.c.presents,
    )
    .join(handsets, handsets.c.line_id == lines.c.id)
    .where(lines.c.id.in_(bindparam("ids", expanding=True)))
)


def accounts(key: str) -> Accounts:
    """A port is labelled with its number: that is what tells the lines of one member apart, and every maker's format
    carries it.
    """

    def of(conn: Connection, devices: Mapping[int, Sequence[Port]]) -> dict[int, tuple[Account, ...] | str]:
        ids = [port.line_id for ports in devices.values() for port in ports]
        rows = {row.id: row for row in conn.execute(_OF_LINES, {"ids": ids})}
        found: dict[int, tuple[Account, ...] | str] = {}
        for device_id, ports in devices.items():
            try:
                found[device_id] = tuple(_account(port, rows.get(port.line_id), key) for port in ports)
            except (BadValue, WrongKey) as problem:
                found[device_id] = str(problem)
        return found

    return of


def _account(port: Port, row: Row[Any] | None, key: str) -> Account:
    if row is None:
        expected = "a line with a handset (plan fixed-phone)"
        raise BadValue(f"line on port {port.number}", f"{port.line_id}, without a handset", expected)
    number = row.presents or row.number
    return Account(
        port=port.number,
        sip_user=row.sip_user,
        password=unseal(row.sealed_password, key, f"password of handset {row.sip_user}"),
        number=national(number),
        shown=shown(number),
        label="",
        language=row.language,
    )
