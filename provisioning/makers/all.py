"""Every maker there is, and finding one: by key, by a model's name, by what a stranger asked for. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import get_close_matches

from dialplan.errors import BadValue
from provisioning.mac import Mac
from provisioning.makers import audiocodes, cisco, grandstream, panasonic, patton, polycom, snom, yealink
from provisioning.makers.maker import Maker, Model

MAKERS: tuple[Maker, ...] = (
    yealink.MAKER,
    panasonic.MAKER,
    polycom.MAKER,
    snom.MAKER,
    grandstream.MAKER,
    cisco.MAKER,
    audiocodes.MAKER,
    patton.MAKER,
)


def maker(key: str, makers: Sequence[Maker] = MAKERS) -> Maker:
    """Raises BadValue for an unknown one."""
    found = next((one for one in makers if one.key == _plain(key)), None)
    if found is None:
        raise BadValue("maker", key[:40], f"one of {', '.join(one.key for one in makers)}")
    return found


def model(text: str, makers: Sequence[Maker] = MAKERS) -> tuple[Maker, Model]:
    """From "T46U" or, where several makers have one of that name, "yealink/T46U"; however it is capitalised and
    hyphenated.

    Raises BadValue, with the names that come near, for an unknown one, and for a name that is not enough.
    """
    before, slash, name = _plain(text).rpartition("/")
    among = [maker(before, makers)] if slash else makers
    found = [(one, row) for one in among for row in one.models if _bare(row.name) == _bare(name)]
    if len(found) > 1:
        ways = " or ".join(f"{one.key}/{row.name}" for one, row in found)
        raise BadValue("model", text[:40], ways)
    if not found:
        names = {row.name.lower(): row.name for one in among for row in one.models}
        near = [names[close] for close in get_close_matches(name, names, cutoff=0.5)]
        expected = f"{' or '.join(near) or 'a model that we have a template for'} (`denwaban device models`)"
        raise BadValue("model", text[:40], expected)
    return found[0]


def guess(mac: Mac, name: str, makers: Sequence[Maker] = MAKERS) -> tuple[str | None, str | None]:
    """(maker's key, model's name) of a device that asked for `name`; None where nothing tells.

    The address range of the MAC counts more than the name: several makers ask for <mac>.cfg.
    """
    made = [one for one in makers if mac.oui in one.ouis]
    asking = {one.key: wanted for one in made or makers if (wanted := one.wanted(name)) is not None}
    if len(asking) == 1:
        key, wanted = asking.popitem()
        return key, wanted.model
    return (made[0].key, None) if len(made) == 1 else (None, None)


def _bare(name: str) -> str:
    return re.sub(r"[\s\-]", "", name.lower())


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()
