"""Attacks with SIPp: refused, found in the logs by fail2ban, charged to nobody, and unheard by everybody else."""

import asyncio
import re
import statistics
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count

import pytest
from sqlalchemy import func, select, update

from agi.trunks import add_trunk, remove_trunk
from dialplan.trunks import Trunk
from lab.ends import Ends
from lab.story import Placed
from lab.until import until
from rating.limits.overrides import set_limits
from rating.limits.tables import Name
from rating.tables import charges, ended_calls
from store.engine import reading
from subscribers.lines import Line
from subscribers.records.find import get_line
from subscribers.records.lines import LineOptions
from subscribers.records.options import change_options
from subscribers.records.phones import register_phone
from subscribers.tables import forward_entries
from tests.fixtures.fail2ban import offenders
from tests.fixtures.service import Service
from tests.fixtures.sipp import attack
from tests.fixtures.wire import wire
from tests.lab.test_hostile import said

pytestmark = pytest.mark.lab

USUAL = 1.0
"""Seconds in which a call reaches the far end in this lab, with a wide margin for a busy machine."""

_normal = count(90_000)


def at(service: Service, last: int) -> str:
    """An address of the attackers' own."""
    return f"{service.place.addresses.switch.rpartition('.')[0]}.{last}"


@asynccontextmanager
async def unharmed(service: Service, ends: Ends, *, victims: Sequence[Line] = ()) -> AsyncIterator[None]:
    """While the block runs, another subscriber is called again and again, and every call gets through as ever;
    afterwards nobody but him, and the victims, was charged anything, and no call was left behind.
    """
    bystander = service.line("09012340150", double_channel=True)  # the last call may still be on its way out
    began, over = datetime.now(UTC), asyncio.Event()

    async def callers() -> list[Placed]:
        calls = list[Placed]()
        while not over.is_set() or len(calls) < 2:
            calls.append(await service.call(ends, f"090444{next(_normal):05}", bystander))
        return calls

    calling = asyncio.create_task(callers())
    try:
        yield
    finally:
        over.set()
        calls = await calling
    for placed in calls:
        assert placed.caller.answered is not None
        assert [leg.number for leg in placed.legs] == ["09012340150"]
        assert placed.legs[0].reached < USUAL
    await service.booked(bystander, len(calls))
    await until(lambda: "0 active channels" in service.asterisk("core show channels count"), 30, "no call left")
    with reading(service.engine) as conn:
        mine = ended_calls.c.line_id.in_({line.id for line in (bystander, *victims)})
        joined = select(func.count()).select_from(charges.join(ended_calls))
        others = joined.where(ended_calls.c.started_at >= began, ~mine)
        assert conn.execute(others).scalar_one() == 0


async def found_in_the_security_log(service: Service, attacker: str, times: int) -> None:
    log = service.place.log("switch") / "security"
    deadline = time.monotonic() + 5
    while (found := await offenders(log, "denwaban-asterisk"))[attacker] < times and time.monotonic() < deadline:
        pass  # fail2ban-regex itself takes its time
    assert found[attacker] >= times
    assert not {service.place.addresses.carrier, service.place.addresses.phones} & set(found)


# ---- strangers --------------------------------------------------------------------------------------------------


async def test_a_strangers_calls_are_refused_whomever_they_are_for(service: Service, ends: Ends) -> None:
    rows = [f"{to};{by}" for to in ("110", "09012340150", "0312349999", "142") for by in ("sipvicious", "0312345678")]
    async with unharmed(service, ends):
        ran = await attack(service.place, "stranger_invite", rows, source=at(service, 61), rate=40, times=80)
    assert (ran.failed, ran.heard) == (0, {401: 80})
    await found_in_the_security_log(service, at(service, 61), 80)


@pytest.mark.parametrize(
    ("method", "header"),
    [
        ("REGISTER", "Expires: 300"),
        ("OPTIONS", "Accept: application/sdp"),
        ("SUBSCRIBE", "Event: presence"),
        ("PUBLISH", "Event: presence"),
        ("MESSAGE", "Content-Type: text/plain"),
        ("REFER", "Refer-To: <sip:09012340150@127.0.0.1>"),
        ("NOTIFY", "Event: check-sync"),
    ],
)
async def test_whatever_a_stranger_asks_for_he_is_asked_for_a_password(
    service: Service, method: str, header: str
) -> None:
    source = at(service, 62)
    rows = [f"0312349999;{name};{header}" for name in ("nobody", service.place.trunk().name, "anonymous")]
    ran = await attack(service.place, "stranger_request", rows, source=source, rate=60, times=12, method=method)
    assert (ran.failed, ran.heard) == (0, {401: 12})
    await found_in_the_security_log(service, source, 12)


async def test_a_password_is_guessed_in_vain_and_the_handset_stays_registered(service: Service, ends: Ends) -> None:
    line = service.with_handset("09012340150")
    assert line.handset is not None
    user = line.handset.sip_user
    before = service.asterisk(f"pjsip show aor {user}")
    rows = [f"{user};{user};[authentication username={user} password=guess{n}]" for n in range(20)]
    async with unharmed(service, ends):
        ran = await attack(service.place, "guess", rows, source=at(service, 63), rate=40, times=80)
    assert (ran.failed, ran.heard) == (0, {401: 160})
    assert service.asterisk(f"pjsip show aor {user}") == before
    await found_in_the_security_log(service, at(service, 63), 80)


async def test_who_is_known_here_is_not_told(service: Service) -> None:
    """A wrong password for a handset that is there, and for one that is not: the same answer, in the same time."""
    known = service.handset_lines[0].handset
    assert known is not None
    users = {"known": known.sip_user, "unknown": f"{known.sip_user}0"}
    answers: dict[str, set[object]] = {kind: set() for kind in users}
    times: dict[str, list[float]] = {kind: [] for kind in users}
    async with wire(service.place, at(service, 64)) as stranger:
        for _ in range(40):
            for kind, user in users.items():
                since = time.perf_counter()
                heard = await stranger.request("REGISTER", user, "", "guess")
                times[kind].append(time.perf_counter() - since)
                challenge = re.sub(r'(nonce|opaque)="[^"]*"', r"\1", heard.headers["www-authenticate"])
                answers[kind].add((heard.first, tuple(heard.headers), challenge))
    assert answers["known"] == answers["unknown"]
    medians = [statistics.median(one) for one in times.values()]
    assert max(medians) - min(medians) < 0.003


async def test_a_name_that_breaks_the_log_in_two_is_found_all_the_same_and_bans_nobody_else(service: Service) -> None:
    source = at(service, 65)
    forged = "%22,RemoteAddress=%22IPV4/UDP/192.0.2.1/5"
    rows = [f"a;{name};Expires: 300" for name in ("x%0ay", f"x{forged}", f"x%0a{forged}")]
    ran = await attack(service.place, "stranger_request", rows, source=source, rate=60, times=9, method="REGISTER")
    assert ran.heard == {401: 9}
    await found_in_the_security_log(service, source, 9)
    assert "192.0.2.1" not in await offenders(service.place.log("switch") / "security", "denwaban-asterisk")


@pytest.mark.parametrize(
    ("method", "headers", "statuses"),
    [
        ("SUBSCRIBE", {"Event": "presence"}, {489, 603}),
        ("SUBSCRIBE", {"Event": "dialog"}, {489, 603}),
        ("PUBLISH", {"Event": "presence"}, {489, 501, 603}),
        ("MESSAGE", {}, {501}),
        ("REFER", {"Refer-To": "<sip:09012340150@127.0.0.1>"}, {501}),
        ("INFO", {}, {481, 501}),
        ("UPDATE", {}, {481, 501}),
    ],
)
async def test_a_registered_handset_too_gets_calls_and_nothing_else(
    service: Service, ends: Ends, method: str, headers: dict[str, str], statuses: set[int]
) -> None:
    handset = service.handset_lines[0].handset
    assert handset is not None
    password = ends.handsets[handset.sip_user].password
    async with wire(service.place, at(service, 66)) as phone:
        answer = await phone.request(method, handset.sip_user, "114", password, headers)
    assert answer.status in statuses


# ---- from a trunk -----------------------------------------------------------------------------------------------


@pytest.fixture
def untrusted(service: Service) -> Iterator[str]:
    """The address of a trunk that is not believed what it asserts."""
    address = at(service, 71)
    trunk = Trunk(
        name="untrusted", host=address, sources=(address,), trusted=False, prefixes=("0394",), qualify_seconds=0
    )
    service.write(add_trunk, trunk, service.settings.store.key.get_secret_value())

    def there() -> bool:
        return "Endpoint:  untrusted " in service.asterisk("pjsip show endpoints")

    asyncio.run(until(there, 10, "the trunk on the switch"))
    yield address
    service.write(remove_trunk, "untrusted")
    asyncio.run(until(lambda: not there(), 10, "the trunk gone from the switch"))


async def test_a_registered_phones_number_that_is_only_claimed_gets_no_menu(
    service: Service, ends: Ends, untrusted: str
) -> None:
    """Claimed by an untrusted trunk, or by the trusted one without an assertion or with another number's."""
    claims = (
        (untrusted, "P-Asserted-Identity: <sip:+819055556677@carrier.example>"),
        (_carrier(service), "Subject: no assertion"),
        (_carrier(service), "P-Asserted-Identity: <sip:+819055550000@carrier.example>"),
    )
    lines = [service.write(register_phone, service.line().id, "09055556677") for _ in claims]
    rows = [f"0{line.number[3:]};09055556677;{header}" for line, (_, header) in zip(lines, claims, strict=True)]
    async with unharmed(service, ends):
        runs = await asyncio.gather(
            *(
                attack(service.place, "spoofed", [row], source=source, rate=10, times=20)
                for row, (source, _) in zip(rows, claims, strict=True)
            )
        )
    for line, (source, header), ran in zip(lines, claims, runs, strict=True):
        assert (ran.failed, ran.heard[200], ran.heard[487]) == (0, 20, 20)  # 200 to each CANCEL
        mine = [one for one in said(service, "decided") if one["line"] == line.id]
        assert {(one["flow"], one["refusal"]) for one in mine} == {(None, "cannot-be-reached")}
        warned = [(one["peer"], one["caller"]) for one in said(service, "unvouched") if one["line"] == line.id]
        # Where the trunk asserts another number, that is the caller, and nobody claims anything.
        assert warned == ([] if "5550000" in header else [(source, "+819055556677")] * 20)
        assert _line(service, line) == line
    assert not [leg for leg in ends.strays if leg.number.endswith("55556677")]  # nobody is called back
    assert not await _banned_by_the_application(service)


async def test_lines_that_forward_in_a_ring_end_the_call(service: Service, ends: Ends) -> None:
    """By the count of diversions, or by the one channel of a line that the call before still holds."""
    ring = [service.line() for _ in range(8)]
    for line, following in zip(ring, ring[1:] + ring[:1], strict=True):
        service.forwarding(line, f"0{following.number[3:]}")
    row = f"0{ring[0].number[3:]};09044443333"
    async with unharmed(service, ends):
        ran = await attack(service.place, "loop", [row], source=_carrier(service), rate=10, times=20)
    assert ran.failed == 0
    assert 200 not in ran.heard
    decided = [one for one in said(service, "decided") if one["line"] in {line.id for line in ring}]
    assert "forward-loop" in {one["refusal"] for one in decided}
    assert len(decided) <= 20 * 7


async def test_a_forward_target_that_got_past_the_checks_is_refused_when_it_is_called(
    service: Service, ends: Ends
) -> None:
    targets = ("+442079460000", "+81570012345", "110")
    lines = [service.line("09012340150") for _ in targets]
    for line, target in zip(lines, targets, strict=True):
        mine = update(forward_entries).where(forward_entries.c.line_id == line.id).values(number=target)
        service.write(lambda conn, statement: conn.execute(statement), mine)
    calls = (service.call(ends, f"0904444777{n}", line, patience=1.5) for n, line in enumerate(lines))
    for placed in await asyncio.gather(*calls):
        assert (placed.caller.answered, placed.legs) == (None, ())
    for line in lines:
        assert [one.charge for one in await service.booked(line)] == [None]


# ---- with a password that was stolen ----------------------------------------------------------------------------


OPEN: dict[Name, Decimal | None] = {
    Name.PER_MINUTE: None,
    Name.DAILY: None,
    Name.MONTHLY: None,
    Name.NIGHT_PER_MINUTE: None,
    Name.NIGHT_DAILY: None,
    Name.NIGHT_INTERNATIONAL: Decimal(1),
}
"""Whatever the hour in Japan at which this runs."""

ABROAD = "442079460050"
"""50 yen a second, in this list of prices."""


async def test_thirty_calls_a_second_abroad_cost_no_more_than_each_line_may_spend(
    counted: Service, far: Ends
) -> None:
    """By handsets' own passwords, from elsewhere; and by calling a line that forwards abroad."""
    capped, few, closed = counted.with_handset(), counted.with_handset(), counted.with_handset()
    onward = counted.line(f"+{ABROAD}", options=LineOptions(international_allowed=True))
    for line, own in (
        (capped, {Name.DAILY: Decimal(400)}),
        (few, {Name.PER_MINUTE: Decimal(3)}),
        (onward, {Name.DAILY: Decimal(400)}),
    ):
        counted.write(change_options, line.id, international_allowed=True, capped=True)
        counted.write(set_limits, line.id, OPEN | own)
    lines = (capped, few, closed, onward)
    async with unharmed(counted, far, victims=lines):
        runs = await asyncio.gather(
            attack(counted.place, "stolen", [_stolen(far, capped)], source=at(counted, 75), rate=30, times=90),
            attack(counted.place, "stolen", [_stolen(far, few)], source=at(counted, 76), rate=15, times=45),
            attack(counted.place, "stolen", [_stolen(far, closed)], source=at(counted, 77), rate=15, times=45),
            attack(
                counted.place,
                "forwarded",
                [f"0{onward.number[3:]};09044448888"],
                source=_carrier(counted),
                rate=15,
                times=45,
            ),
        )
    for line, ran in zip(lines, runs, strict=True):
        assert ran.failed == 0
        await counted.booked(line, ran.placed, 15)
    for line in (capped, onward):
        assert Decimal(50) <= _charged(counted, line) <= Decimal(400)
        assert "limit-reached" in _outcomes(counted, line)
    assert 1 <= sum(one.charge is not None for one in counted.books(few)) <= 3
    assert "limit-reached" in _outcomes(counted, few)
    assert _charged(counted, closed) == 0
    assert _outcomes(counted, closed) == {"international-closed"}
    # The carrier brought the calls that were forwarded: it is nobody to ban.
    banned = await _banned_by_the_application(counted)
    assert banned.keys() == {at(counted, last) for last in (75, 76, 77)}
    assert min(banned.values()) >= 20  # what deploy/fail2ban/jail.d asks for


def _stolen(ends: Ends, line: Line) -> str:
    assert line.handset is not None
    user = line.handset.sip_user
    return f"010{ABROAD};{user};[authentication username={user} password={ends.handsets[user].password}]"


def _charged(service: Service, line: Line) -> Decimal:
    return sum((one.charge.amount for one in service.books(line) if one.charge is not None), Decimal(0))


def _outcomes(service: Service, line: Line) -> set[str]:
    return {one.call.outcome for one in service.books(line)}


async def _banned_by_the_application(service: Service) -> dict[str, int]:
    return await offenders(service.place.run / "serve.log", "denwaban")


def _carrier(service: Service) -> str:
    return service.place.addresses.carrier


def _line(service: Service, line: Line) -> Line:
    with reading(service.engine) as conn:
        return get_line(conn, line.id)
