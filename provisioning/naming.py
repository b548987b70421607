"""What a requested name can mean: a maker's file, and whose. Several makers ask for <mac>.cfg. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from provisioning.mac import Mac
from provisioning.makers.maker import Maker, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    maker: Maker
    wanted: Wanted


def meanings(name: str, makers: Sequence[Maker]) -> tuple[Meaning, ...]:
    """In the order of `makers`. Slashes in front say nothing: devices write them as they like."""
    bare = name.lstrip("/")
    found = ((maker, maker.wanted(bare)) for maker in makers)
    return tuple(
        Meaning(maker=maker, wanted=wanted)
        for maker, wanted in found
        if wanted is not None and not _nobodys(wanted.mac)
    )


def _nobodys(mac: Mac | None) -> bool:
    """000000000000.cfg is one maker's file for all, and to others like a device's; a group's MAC is nobody's."""
    return mac is not None and (mac.text == "0" * 12 or bool(int(mac.text[:2], 16) & 1))


def mac_of(several: Sequence[Meaning]) -> Mac | None:
    """The MAC that the name holds, for whichever maker."""
    return next((one.wanted.mac for one in several if one.wanted.mac is not None), None)


def meant(several: Sequence[Meaning], maker: str | None) -> Meaning | None:
    """For the maker of this key; None: the first that is no device's own."""
    if maker is None:
        return next((one for one in several if one.wanted.mac is None), None)
    return next((one for one in several if one.maker.key == maker), None)


def kind_of(data: bytes) -> str:
    """The media type of a file that a room made."""
    if data[:1] == b"<":
        return "text/xml"
    return "application/octet-stream" if b"\0" in data else "text/plain; charset=utf-8"
