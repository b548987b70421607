"""What the ports of a device register with, as subscribers' lines have it: the glue of provisioning.answers."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, bindparam, select

from dialplan.errors import BadValue
from dialplan.numbers import national, shown
from provisioning.device import Port
from provisioning.setup import Account
from store.secrets import unseal
from subscribers.tables import handsets, lines

_OF_LINES = (
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


def accounts(key: str) -> Callable[[Connection, Sequence[Port]], tuple[Account, ...]]:
    """For provisioning.answers. A port is labelled with its number: that is what tells the lines of one member apart,
    and every maker's format carries it.
    """

    def of(conn: Connection, ports: Sequence[Port]) -> tuple[Account, ...]:
        rows = {row.id: row for row in conn.execute(_OF_LINES, {"ids": [port.line_id for port in ports]})}
        found = []
        for port in ports:
            row = rows.get(port.line_id)
            if row is None:
                expected = "a line with a handset (plan fixed-phone)"
                raise BadValue(f"line on port {port.number}", f"{port.line_id}, without a handset", expected)
            number = row.presents or row.number
            found.append(
                Account(
                    port=port.number,
                    sip_user=row.sip_user,
                    password=unseal(row.sealed_password, key, f"password of handset {row.sip_user}"),
                    number=national(number),
                    shown=shown(number),
                    label="",
                    language=row.language,
                )
            )
        return tuple(found)

    return of
