"""The trunks the switch has, as the store keeps them."""

from collections.abc import Callable

from sqlalchemy import Boolean, Column, Connection, Integer, String, Table, Text, delete, insert, select, update

from dialplan.errors import BadValue
from dialplan.trunks import Trunk, check_trunk
from store.metadata import metadata
from store.secrets import seal, unseal
from subscribers.records.onnet import trunks_with_extensions

trunks = Table(
    "trunks",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("host", String(253), nullable=False),
    Column("port", Integer, nullable=False),
    Column("sources", Text, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("username", Text, nullable=False),
    Column("sealed_password", Text, nullable=False),
    Column("codecs", Text, nullable=False),
    Column("qualify_seconds", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("weight", Integer, nullable=False, server_default="1"),
    Column("capacity", Integer),
    Column("prefixes", Text, nullable=False, server_default=""),
    Column("shows", Text, nullable=False, server_default=""),
)

_A_TRUNK = "the name of a trunk (`denwaban trunk list`)"


def add_trunk(conn: Connection, trunk: Trunk, key: str) -> None:
    """Its password is sealed with `key`. Raises BadValue when check_trunk does, or the name is taken."""
    check_trunk(trunk)
    if conn.execute(select(trunks.c.name).where(trunks.c.name == trunk.name)).one_or_none() is not None:
        raise BadValue("trunk name", trunk.name, "a name that no trunk has yet")
    conn.execute(
        insert(trunks).values(
            name=trunk.name,
            host=trunk.host,
            port=trunk.port,
            sources=" ".join(trunk.sources),
            trusted=trunk.trusted,
            username=trunk.username,
            sealed_password=seal(trunk.password, key) if trunk.password else "",
            codecs=" ".join(trunk.codecs),
            qualify_seconds=trunk.qualify_seconds,
            priority=trunk.priority,
            weight=trunk.weight,
            capacity=trunk.capacity,
            prefixes=" ".join(trunk.prefixes),
            shows=" ".join(trunk.shows),
        )
    )


def list_trunks(conn: Connection, key: str) -> tuple[Trunk, ...]:
    """In the order they are tried. Raises WrongKey when a password was sealed with another key."""
    extensions = trunks_with_extensions(conn)
    return tuple(
        Trunk(
            name=row.name,
            host=row.host,
            port=row.port,
            sources=tuple(row.sources.split()),
            trusted=row.trusted,
            username=row.username,
            password=unseal(row.sealed_password, key, f"password of trunk {row.name}") if row.sealed_password else "",
            codecs=tuple(row.codecs.split()),
            qualify_seconds=row.qualify_seconds,
            priority=row.priority,
            weight=row.weight,
            capacity=row.capacity,
            prefixes=tuple(row.prefixes.split()),
            shows=tuple(row.shows.split()),
            extensions=row.name in extensions,
        )
        for row in conn.execute(select(trunks).order_by(trunks.c.priority, trunks.c.name))
    )


def trunk_capacity(conn: Connection, name: str) -> int | None:
    """How many calls it takes at once, None for no bound. Raises BadValue when there is none of that name."""
    row = conn.execute(select(trunks.c.capacity).where(trunks.c.name == name)).one_or_none()
    if row is None:
        raise BadValue("trunk", name, _A_TRUNK)
    return None if row.capacity is None else int(row.capacity)


def set_trunk_capacity(conn: Connection, name: str, capacity: int) -> None:
    """Raises BadValue when there is none of that name."""
    if conn.execute(update(trunks).where(trunks.c.name == name).values(capacity=capacity)).rowcount == 0:
        raise BadValue("trunk", name, _A_TRUNK)


def change_trunk(conn: Connection, name: str, key: str, changed: Callable[[Trunk], Trunk]) -> Trunk:
    """How it is chosen: priority, weight, capacity, prefixes, numbers shown. The trunk as it is then.

    Raises BadValue when check_trunk does, or there is none of that name.
    """
    found = next((trunk for trunk in list_trunks(conn, key) if trunk.name == name), None)
    if found is None:
        raise BadValue("trunk", name, _A_TRUNK)
    trunk = changed(found)
    check_trunk(trunk)
    values = {
        "priority": trunk.priority,
        "weight": trunk.weight,
        "capacity": trunk.capacity,
        "prefixes": " ".join(trunk.prefixes),
        "shows": " ".join(trunk.shows),
    }
    conn.execute(update(trunks).where(trunks.c.name == name).values(values))
    return trunk


def remove_trunk(conn: Connection, name: str) -> None:
    """Raises BadValue when there is none of that name."""
    if conn.execute(delete(trunks).where(trunks.c.name == name)).rowcount == 0:
        raise BadValue("trunk", name, _A_TRUNK)
