"""AudioCodes MP-112 to MP-124 gateways: an ini file of parameters and tables.

A new gateway is pointed at audiocodes.ini (DHCP option 67), which names its own file in IniFileURL; <MAC> there is
the gateway's to fill in. Tones and ring come from a binary file that only AudioCodes' own tool makes, and no document
tells how an ini file sets the password of its web page: both are left as they are.
"""

import re

from dialplan.errors import BadValue
from provisioning.device import Transport
from provisioning.mac import Mac
from provisioning.makers.adapters import check_width, scheme_and_path
from provisioning.makers.filling import check, minute_of_night, needed, slots
from provisioning.makers.maker import Kind, Maker, Model, Wanted
from provisioning.makers.paper import print_text
from provisioning.setup import CODES, TIME_ZONE_HOURS, Setup

MODELS = (
    Model(name="MP-112", kind=Kind.GATEWAY, ports=2),
    Model(name="MP-114", kind=Kind.GATEWAY, ports=4),
    Model(name="MP-118", kind=Kind.GATEWAY, ports=8),
    Model(name="MP-124", kind=Kind.GATEWAY, ports=24),
)
FIRST_FILE = "audiocodes.ini"
_LONGEST = 50
_REFUSED = "\"';,\\<>$"  # end a value, a row or a string, or begin an obscured password
_LONGEST_DIGIT_MAP, _MOST_RULES = 152, 52
_NAMES = re.compile(r"(?P<mac>[0-9a-f]{12})\.ini|audiocodes\.ini", re.ASCII | re.IGNORECASE)
_AGENT = re.compile(
    r"Mozilla/4\.0 \(compatible; AudioCodes; ?[^;]{1,80}; ?(?P<version>[0-9][0-9A-Za-z.]{0,30});", re.ASCII
)


def wanted(name: str) -> Wanted | None:
    found = _NAMES.fullmatch(name)
    if found is None:
        return None
    return Wanted(file="first") if found["mac"] is None else Wanted(file="device", mac=Mac(found["mac"].lower()))


def make(wanted: Wanted, setup: Setup | None) -> bytes:
    if wanted.mac is None:
        return print_text("adapters/audiocodes/first.ini.j2", base_url=wanted.base_url).encode("ascii")
    setup = needed(wanted, setup)
    model = MAKER.model(setup.model)
    if model is None:
        raise BadValue("model of AudioCodes", setup.model, ", ".join(one.name for one in MODELS))
    check(setup, refused=_REFUSED)
    check_width(setup, longest=_LONGEST, ascii_only=True)
    scheme_and_path(setup.base_url)
    return print_text(
        "adapters/audiocodes/device.ini.j2",
        setup=setup,
        accounts=[slot.account for slot in slots(setup, model) if slot.account],
        tls=setup.transport is Transport.TLS,
        offset=TIME_ZONE_HOURS * 3600,
        night=minute_of_night(str(setup.mac)),
        digit_map=digit_map(),
    ).encode("ascii")


def own_file(mac: Mac, model: str) -> str:
    return f"{mac.upper}.ini"


def firmware(agent: str) -> str | None:
    found = _AGENT.match(agent)
    return None if found is None else found["version"]


def digit_map() -> str:
    """At most 52 rules and 152 characters, and sets that are one range only: so codes stand in ranges, 18[4-6] takes
    in 185, which is nothing, and what is open is left to the last rule, xx.T. A rule that is matched is sent at once.
    """
    numbers = ("0[1-9][1-9]xxxxxxx", "0[5-9]0xxxxxxxx")
    rules = (*_ranges(CODES), *numbers, *(f"18[4-6]{number}" for number in numbers), "#xxxx", "xx.T")
    written = "|".join(rules)
    if len(written) > _LONGEST_DIGIT_MAP or len(rules) > _MOST_RULES:
        found = f"{len(rules)} rules, {len(written)} characters"
        raise BadValue("digit map", found, f"{_MOST_RULES} rules, {_LONGEST_DIGIT_MAP} characters")
    return written


def _ranges(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Codes, runs of neighbours in their last digit as one: 113, 11[5-9]."""
    runs: list[list[int]] = []
    for code in sorted(map(int, codes)):
        if runs and code == runs[-1][-1] + 1 and code % 10:
            runs[-1].append(code)
        else:
            runs.append([code])
    return tuple(str(run[0]) if len(run) == 1 else f"{run[0] // 10}[{run[0] % 10}-{run[-1] % 10}]" for run in runs)


MAKER = Maker(
    key="audiocodes",
    name="AudioCodes",
    ouis=("00908f",),
    models=MODELS,
    wanted=wanted,
    make=make,
    own_file=own_file,
    resync="check-sync;reboot=false",
    firmware=firmware,
    documents=(
        "MP-11x & MP-124 User's Manual, version 6.6, LTRT-65422, LTRT-65417 and LTRT-65432",
        "MP-11x & MP-124 SIP User's Manual, version 5.8, LTRT-65412",
        "AudioCodes SNMP reference, SNMPv3 users via ini file",
    ),
)
