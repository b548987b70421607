"""What devices asked for: the newest fetches, the windows, and the strangers seen."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from dialplan.errors import BadValue
from provisioning.fetch import Enrolment, Fetch, FetchStatus, Sighting, Via
from provisioning.mac import Mac
from provisioning.tables import enrolments, fetches, sightings

KEPT = 200
"""Fetches of each device, and of all strangers together."""
SIGHTINGS = 1000
WINDOW = timedelta(minutes=30)
LONGEST_WINDOW = timedelta(days=1)


def record_fetch(conn: Connection, fetch: Fetch) -> None:
    record_fetches(conn, [fetch])


def record_fetches(conn: Connection, several: Sequence[Fetch]) -> None:
    """In the order they happened. Older ones than the newest 200 of a device are thrown away."""
    if not several:
        return
    conn.execute(insert(fetches), [_fetch_row(fetch) for fetch in several])
    for device_id in {fetch.device_id for fetch in several}:
        of_device = _of(device_id)
        oldest = select(fetches.c.id).where(of_device).order_by(fetches.c.id.desc()).offset(KEPT).limit(1)
        conn.execute(delete(fetches).where(of_device, fetches.c.id <= oldest.scalar_subquery()))


def fetches_of(conn: Connection, device_id: int | None, limit: int = KEPT) -> list[Fetch]:
    """Newest first. None: of strangers."""
    wanted = select(fetches).where(_of(device_id)).order_by(fetches.c.id.desc()).limit(limit)
    return [_fetch(row) for row in conn.execute(wanted)]


def last_fetches(conn: Connection) -> dict[int, Fetch]:
    """The newest of every device."""
    newest = select(func.max(fetches.c.id)).where(fetches.c.device_id.is_not(None)).group_by(fetches.c.device_id)
    found = conn.execute(select(fetches).where(fetches.c.id.in_(newest)))
    return {row.device_id: _fetch(row) for row in found}


def open_enrolment(
    conn: Connection, device_id: int | None, at: datetime, by: str, length: timedelta = WINDOW
) -> Enrolment:
    """None: for all devices. The longest of several holds. Raises BadValue for more than a day, or nothing."""
    if not timedelta(0) < length <= LONGEST_WINDOW:
        minutes = int(LONGEST_WINDOW.total_seconds() // 60)
        raise BadValue("minutes", f"{length.total_seconds() / 60:g}", f"above 0 and at most {minutes}")
    made = Enrolment(device_id=device_id, opened_at=at, until=at + length, by=by)
    values = {"device_id": device_id, "opened_at": at, "until": made.until, "by": by}
    conn.execute(delete(enrolments).where(enrolments.c.until < at - LONGEST_WINDOW))
    conn.execute(insert(enrolments).values(values))
    return made


def enrolments_open(conn: Connection, at: datetime, device_id: int | None = None) -> list[Enrolment]:
    """All that are open, the one that closes last first; of one device (those of all of them too) when asked."""
    wanted = select(enrolments).where(enrolments.c.opened_at <= at, enrolments.c.until > at)
    if device_id is not None:
        wanted = wanted.where(or_(enrolments.c.device_id == device_id, enrolments.c.device_id.is_(None)))
    return [
        Enrolment(device_id=row.device_id, opened_at=row.opened_at, until=row.until, by=row.by)
        for row in conn.execute(wanted.order_by(enrolments.c.until.desc(), enrolments.c.id))
    ]


def record_sighting(
    conn: Connection, mac: Mac, *, name: str, address: str, at: datetime, maker: str | None, model: str | None
) -> None:
    """Of a MAC that no device of ours has. Seen again, it is counted, and what is known now replaces what was known;
    a guess stays when there is none this time. The 1,000 seen last are kept: made-up ones must not fill the store.
    """
    place = {"name": _plain(name, 255), "address": _plain(address, 45)}
    values = {"mac": mac.text, "maker": maker, "model": model, **place}
    dialect = {"sqlite": sqlite, "postgresql": postgresql}[conn.dialect.name]
    seen = dialect.insert(sightings).values(values | {"first_at": at, "last_at": at, "count": 1})
    new = seen.excluded
    again = {
        "maker": func.coalesce(new.maker, sightings.c.maker),
        "model": func.coalesce(new.model, sightings.c.model),
        "name": new.name,
        "address": new.address,
        "last_at": new.last_at,
        "count": sightings.c.count + 1,
    }
    conn.execute(seen.on_conflict_do_update(index_elements=["mac"], set_=again))
    too_many = select(sightings.c.mac).order_by(sightings.c.last_at.desc(), sightings.c.mac).offset(SIGHTINGS)
    conn.execute(delete(sightings).where(sightings.c.mac.in_(too_many)))


def list_sightings(conn: Connection) -> list[Sighting]:
    """The last seen first."""
    rows = conn.execute(select(sightings).order_by(sightings.c.last_at.desc(), sightings.c.mac))
    return [Sighting(**{**row._mapping, "mac": Mac(row.mac)}) for row in rows]


def get_sighting(conn: Connection, mac: Mac) -> Sighting | None:
    row = conn.execute(select(sightings).where(sightings.c.mac == mac.text)).one_or_none()
    return None if row is None else Sighting(**{**row._mapping, "mac": mac})


def _of(device_id: int | None) -> ColumnElement[bool]:
    return fetches.c.device_id.is_(None) if device_id is None else fetches.c.device_id == device_id


def _fetch(row: Row[Any]) -> Fetch:
    return Fetch(
        device_id=row.device_id,
        mac=None if row.mac is None else Mac(row.mac),
        name=row.name,
        address=row.address,
        via=Via(row.via),
        at=row.at,
        status=FetchStatus(row.status),
        reason=row.reason,
        bytes=row.bytes,
        digest=row.digest,
        agent=row.agent,
    )


def _fetch_row(fetch: Fetch) -> dict[str, object]:
    return {
        "device_id": fetch.device_id,
        "mac": fetch.mac and fetch.mac.text,
        "name": _plain(fetch.name, 255),
        "address": _plain(fetch.address, 45),
        "via": fetch.via.value,
        "at": fetch.at,
        "status": fetch.status.value,
        "reason": _plain(fetch.reason, 200),
        "bytes": fetch.bytes,
        "digest": fetch.digest,
        "agent": _plain(fetch.agent, 200),
    }


def _plain(text: str, limit: int) -> str:
    """A stranger's text: PostgreSQL stores no NUL, a terminal must not be steered, and no name is a book."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text[:limit])
