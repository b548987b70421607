"""Writes the Asterisk configuration of the carrier and of the phones."""

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialplan.errors import BadValue
from lab.behaviour import BEHAVIOURS, REST, SHORTEST
from lab.place import Place

_TEMPLATES = Path(__file__).parent.parent / "templates" / "lab"
_HANDSETS = "handsets.json"
_SAFE = frozenset("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Handset:
    """A phone of the lab, as the switch knows it. `number` is its leased number, if it is to be found by that."""

    sip_user: str
    password: str = field(repr=False)
    number: str = ""


def write(place: Place, role: str) -> None:
    """`role` is "carrier" or "phones". The AMI password is made once and kept."""
    context = {
        "role": role,
        "at": place.addresses,
        "address": place.addresses.of(role),
        "rtp": place.addresses.rtp(role),
        "password": password(place, role),
        "behaviours": [row for row in BEHAVIOURS if row is not REST],
        "shortest": SHORTEST,
        "handsets": handsets(place),
    }
    engine = Environment(
        loader=FileSystemLoader([_TEMPLATES / role, _TEMPLATES / "shared"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  these are Asterisk's files, not HTML
    )
    for template in engine.list_templates(extensions=["j2"]):
        target = place.etc(role) / template.removesuffix(".j2")
        fresh = target.with_name(target.name + ".new")
        fresh.write_text(engine.get_template(template).render(context), encoding="utf-8")
        fresh.replace(target)


def password(place: Place, role: str) -> str:
    """Of the AMI user "lab" in this role."""
    file = place.role(role) / "password"
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(24), encoding="ascii")
    return file.read_text(encoding="ascii")


def give(place: Place, handsets: Iterable[Handset]) -> None:
    """Keeps the handsets that the phones are; `write` writes them into the configuration. Raises BadValue."""
    file = place.role("phones") / _HANDSETS
    kept = json.dumps([asdict(handset) for handset in _checked(handsets)])
    file.touch(mode=0o600)
    file.write_text(kept, encoding="utf-8")


def handsets(place: Place) -> Sequence[Handset]:
    """Those last given."""
    file = place.role("phones") / _HANDSETS
    if not file.exists():
        return []
    return [Handset(**fields) for fields in json.loads(file.read_text(encoding="utf-8"))]


def _checked(handsets: Iterable[Handset]) -> Sequence[Handset]:
    kept: dict[str, Handset] = {}
    for handset in handsets:
        if len(handset.sip_user) < 2 or not set(handset.sip_user) <= _SAFE:
            raise BadValue("a handset's SIP user", handset.sip_user, "two or more letters, digits or - _ .")
        if any(char in handset.password for char in ";\r\n") or not handset.password:
            raise BadValue(f"password of handset {handset.sip_user}", "…", "one line without ';'")
        if handset.sip_user in kept:
            raise BadValue("handsets", handset.sip_user, "each SIP user once")
        kept[handset.sip_user] = handset
    return list(kept.values())
