"""`make bench-calls`: Denwaban beside Asterisk's own Dial, in one run, SIPp at both ends.

Both sides are the same Asterisk image with the same modules and the same records; the peer's dialplan is one line,
`Dial`, and asks nobody. Each call is one incoming and one forwarded SIP leg.
"""

import argparse
import asyncio
import os
import re
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bench.report import machine, write
from bench.sipp import Ran, call, callee
from lab import lab
from lab.engine import find as engine
from lab.place import Place
from lab.until import until
from rating.tables import charges, ended_calls
from store.engine import reading
from tests.fixtures.lab import bare_switch, folder
from tests.fixtures.service import Service, begin

CALLER_PORT, HOLD_MS = 5070, 1000
LINES = 600
TICK = os.sysconf("SC_CLK_TCK")
PEER = "[from-trunk]\nexten => _X!,1,Dial(PJSIP/09011112222@carrier,180)\n"


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Milliseconds of CPU per call; `python` is 0 where there is none."""

    rate: int
    asterisk: float
    python: float
    ran: Ran


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=20, help="length of each run")
    parser.add_argument("--rounds", type=int, default=3, help="runs of each side at each rate, in turn")
    parser.add_argument("--rates", type=int, nargs="+", default=[50, 100], help="calls a second")
    parser.add_argument("--dry", action="store_true", help="print only, write no result")
    given = parser.parse_args()
    found: dict[tuple[str, int], list[Measured]] = {}
    with ExitStack() as stack:
        service = stack.enter_context(_ours())
        peer = stack.enter_context(_peer())
        numbers = ["0" + service.line("09011112222", double_channel=True).number[3:] for _ in range(LINES)]
        for _ in range(given.rounds):
            for rate in given.rates:
                calls = rate * given.seconds
                for name, measured in (
                    ("native Dial", _run(peer, numbers, rate, calls)),
                    ("Denwaban", _run(service.place, numbers, rate, calls, service)),
                ):
                    found.setdefault((name, rate), []).append(measured)
                    print(f"{name:12} {_row(measured)}", flush=True)
    text = _text(found, given.rates)
    print(text)
    if not given.dry:
        write("calls", "make bench-calls", text)


@contextmanager
def _ours() -> Iterator[Service]:
    with folder(95) as place:
        service = begin(place, {"metrics": {"port": 0}, "log": {"level": "info"}}, far_ends=False)
        yield service
        service.engine.dispose()


@contextmanager
def _peer() -> Iterator[Place]:
    with folder(96) as place:
        ours = bare_switch(place, [])

        def prepare(root: Path, tables: Mapping[str, Mapping[str, Any]]) -> Path:
            made = ours(root, tables)
            trunks = place.etc("switch") / "pjsip_trunks.conf"  # the callee is there only while it is called
            trunks.write_text(re.sub(r"qualify_frequency = \d+", "qualify_frequency = 0", trunks.read_text("ascii")))
            (place.etc("switch") / "extensions.conf").write_text(PEER, encoding="ascii")
            return made

        lab.up(place, prepare=prepare, carrier=False, phones=False)
        yield place


def _run(place: Place, numbers: list[str], rate: int, calls: int, service: Service | None = None) -> Measured:
    at = place.addresses
    state = engine().state(place.container("switch"))
    asterisk = state.pid if state is not None else 0
    python = service.application() if service is not None else 0
    before = _charged(service)
    with callee(at.carrier, at.sip):
        cpu = _cpu(asterisk), _cpu(python)
        ran = call((at.switch, at.sip), (at.carrier, CALLER_PORT), numbers, rate=rate, calls=calls, hold_ms=HOLD_MS)
        if service is not None:
            asyncio.run(until(lambda: _charged(service) - before >= calls - ran.failed, 20, "every call charged"))
        spent = _cpu(asterisk) - cpu[0], _cpu(python) - cpu[1]
    return Measured(rate=rate, asterisk=spent[0] / calls, python=spent[1] / calls, ran=ran)


def _cpu(process: int) -> float:
    """Milliseconds of CPU the process has used, all its threads."""
    if process == 0:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / TICK


def _charged(service: Service | None) -> int:
    if service is None:
        return 0
    with reading(service.engine) as conn:
        joined = ended_calls.join(charges, charges.c.call_id == ended_calls.c.call_id)
        return int(conn.execute(select(func.count()).select_from(joined)).scalar_one())


def _row(one: Measured) -> str:
    return (
        f"{one.rate:4}/s  Asterisk {one.asterisk:5.2f} ms  Python {one.python:5.2f} ms  "
        f"delay p50 {one.ran.delay(0.5) * 1000:5.1f} p95 {one.ran.delay(0.95) * 1000:5.1f} ms  "
        f"failed {one.ran.failed} of {one.ran.placed}"
    )


def _text(found: Mapping[tuple[str, int], list[Measured]], rates: list[int]) -> str:
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}. CPU per call, medians of the runs;",
        "delay is INVITE to ringing as the caller sees it, p50 and p95 of a run, medians of the runs.",
        "",
        "| calls/s | side | Asterisk CPU | Python CPU | delay p50 | delay p95 | failed |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    ratios = []
    for rate in rates:
        native, ours = found["native Dial", rate], found["Denwaban", rate]
        for name, runs in (("native Dial", native), ("Denwaban", ours)):
            python = "–" if name != "Denwaban" else f"{_median(runs, 'python'):.2f} ms"
            failed, placed = sum(one.ran.failed for one in runs), sum(one.ran.placed for one in runs)
            lines.append(
                f"| {rate} | {name} | {_median(runs, 'asterisk'):.2f} ms | {python} | {_delay(runs, 0.5):.1f} ms "
                f"| {_delay(runs, 0.95):.1f} ms | {failed} of {placed} |"
            )
        factor = _median(ours, "asterisk") / _median(native, "asterisk")
        added = _delay(ours, 0.95) - _delay(native, 0.95)
        ratios.append(
            f"At {rate} calls/s: Asterisk CPU {factor:.2f} x native, "
            f"Python CPU {_median(ours, 'python'):.2f} ms a call, added delay p95 {added:.1f} ms."
        )
    return "\n".join([*lines, "", *ratios, ""])


def _median(runs: list[Measured], what: str) -> float:
    return statistics.median(float(getattr(one, what)) for one in runs)


def _delay(runs: list[Measured], share: float) -> float:
    return statistics.median(one.ran.delay(share) * 1000 for one in runs)


if __name__ == "__main__":
    began = time.monotonic()
    main()
    print(f"took {time.monotonic() - began:.0f} s")
