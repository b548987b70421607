"""`make bench-snmp`: 1,000 devices a minute, 100 of them dead, watched as `serve` does it; net-snmp at both ends.

The measured process is a whole Watcher: store (SQLite), poller, client. The devices are addresses on loopback, with
real net-snmp agents behind nine hundred of them. The peer is net-snmp's snmpget, started once a poll, as a script
would.
"""

import argparse
import asyncio
import json
import os
import random
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
import uvloop
from sqlalchemy import Connection, Engine

from agi.faults import BEYOND
from bench.report import machine, write
from lab.until import until
from provisioning.device import Device, SnmpVersion
from provisioning.inventory import PortLine
from provisioning.mac import Mac
from provisioning.makers.grandstream import MAKER
from provisioning.records.devices import add_device, retire_device
from provisioning.records.find import list_devices
from provisioning.snmp.client import Client
from provisioning.snmp.readings import Answer, Asked, Oid, questions
from provisioning.snmp.target import NoAnswer, Target, snmp_user
from provisioning.snmp.traps import TrapReceiver
from provisioning.watch import KEEP_SECONDS, Watcher
from store import migrate
from store.engine import open_engine, writing
from store.secrets import new_key, unseal
from store.units import Store
from tests.fixtures.snmpd import environment, recorded_trap

DEVICES, DEAD, AGENTS = 1000, 100, 9
AGENT_PORT, TRAP_PORT, TRAPS = 16161, 16162, 600
PEER_POLLS = 200
HT = "1.3.6.1.4.1.42397.1.2.2"
PORTS = (1, 2)
ASKED = questions(Asked(maker="grandstream", model="HT802", ports=PORTS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="length of each measured window")
    parser.add_argument("--secured", type=int, default=30, help="SNMPv3 devices in a hundred")
    parser.add_argument("--dry", action="store_true", help="print only, write no result")
    parser.add_argument("--watch", metavar="FOLDER", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.watch:
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
        uvloop.run(_watch(Path(given.watch), given.seconds))
        return
    with tempfile.TemporaryDirectory(prefix="denwaban-bench-snmp-") as folder:
        text = _measure(Path(folder), given.seconds, given.secured)
    print(text)
    if not given.dry:
        write("snmp", "make bench-snmp", text)


def _measure(folder: Path, seconds: int, secured: int) -> str:
    key = new_key()
    (folder / "key").write_text(key, encoding="ascii")
    engine = _engine(folder)
    migrate.upgrade(engine)
    with writing(engine) as conn:
        devices = [_store(conn, number, secured, key) for number in range(DEVICES)]
    engine.dispose()
    live = [one for at, one in enumerate(devices) if at % (AGENTS + 1) < AGENTS]
    with ExitStack() as stack:
        for number in range(AGENTS):
            stack.enter_context(_agent(folder / f"agent{number}", live[number::AGENTS], key))
        command = [sys.executable, "-m", "bench.snmp", "--watch", str(folder), "--seconds", str(seconds)]
        child = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert child.stdout is not None
        found = {}
        for line in child.stdout:
            said = json.loads(line)
            found[said.pop("phase")] = said
            print(line, end="", flush=True)
            if "port" in said:
                _send_traps(int(said["port"]), live, key)
        peer = _peer(live, key, folder)
    return _text(found, peer, secured)


def _engine(folder: Path) -> Engine:
    return open_engine(f"sqlite:///{folder}/denwaban.db")


def _store(conn: Connection, number: int, secured: int, key: str) -> Device:
    """Every tenth is on the tenth agent's addresses, which is not there."""
    model = MAKER.model("HT802")
    assert model is not None
    ports = [
        PortLine(number=one, line_id=number * len(PORTS) + one, shown="03-0000-0000", has_account=True)
        for one in PORTS
    ]
    return add_device(
        conn,
        Mac(f"000b82{number:06x}"),
        MAKER,
        model,
        key=key,
        at=datetime.now(UTC),
        ports=ports,
        snmp=SnmpVersion.V3 if number * 37 % 100 < secured else SnmpVersion.V2C,
        address=f"127.0.{150 + number % (AGENTS + 1)}.{number // (AGENTS + 1) + 1}",
    )


@contextmanager
def _agent(folder: Path, devices: Sequence[Device], key: str) -> Iterator[None]:
    """One snmpd that is all of these; their own communities and users are known to it."""
    folder.mkdir()
    lines = [f"agentaddress {','.join(f'{one.address}:{AGENT_PORT}' for one in devices)}"]
    for one in devices:
        secret = unseal(one.sealed_snmp, key)
        if one.snmp is SnmpVersion.V2C:
            lines.append(f"rocommunity {secret}")
        else:
            user = snmp_user(one.mac)
            lines += [f'createUser {user} SHA "{secret}" AES "{secret}"', f"rouser {user} priv"]
    words = {1: "On Hook", 2: "Registered"}
    lines += [f'override .{HT}.{kind}.{one}.0.0 octet_str "{words[kind]}"' for kind in words for one in PORTS]
    (folder / "snmpd.conf").write_text("\n".join(lines) + "\n", encoding="ascii")
    command = ["snmpd", "-f", "-Lo", "-I", "-smux"]
    with subprocess.Popen(command, env=environment(folder), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if not any("NET-SNMP version" in line for line in process.stdout):
            raise RuntimeError(f"snmpd in {folder}: ended, expected to listen on {len(devices)} addresses")
        try:
            yield
        finally:
            process.terminate()


# ---- the measured process --------------------------------------------------------------------------------


@dataclass
class Timed:
    """A client, and how long each answer took."""

    client: Client
    took: list[float]

    async def poll(self, target: Target, oids: Sequence[Oid]) -> Answer | NoAnswer:
        begun = time.perf_counter()
        heard = await self.client.poll(target, oids)
        if not isinstance(heard, NoAnswer):
            self.took.append(time.perf_counter() - begun)
        return heard


async def _watch(folder: Path, seconds: int) -> None:
    key = (folder / "key").read_text(encoding="ascii")
    engine = _engine(folder)
    store, client = Store(engine), Client()
    timed = Timed(client, [])
    watcher = Watcher(
        store=store,
        key=key,
        poll=timed.poll,
        registration=lambda _: None,
        beyond=BEYOND,
        now=lambda: datetime.now(UTC),
        traps=lambda hint: TrapReceiver(client.engine, hint),
        agent_port=AGENT_PORT,
    )
    running = asyncio.create_task(watcher.run())
    await _window("first minute", 60, timed)
    await _window("with the dead", seconds, timed)
    begun = time.process_time()
    await watcher.keep()
    _say("keeping", cpu=time.process_time() - begun, devices=watcher.counts["kept"])
    with writing(engine) as conn:
        for device in list_devices(conn):
            if device.address is not None and device.address.startswith(f"127.0.{150 + AGENTS}."):
                retire_device(conn, device.mac)
    await watcher.load()
    await _window("without the dead", seconds, timed)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await _hear(watcher)
    await client.close()
    await store.close()
    engine.dispose()


async def _window(phase: str, seconds: int, timed: Timed) -> None:
    timed.took.clear()
    before, begun, clock = timed.client.counts.copy(), time.process_time(), time.perf_counter()
    await asyncio.sleep(seconds)
    cpu, wall = time.process_time() - begun, time.perf_counter() - clock
    counts = timed.client.counts - before
    took = sorted(timed.took) or [0.0]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    quantiles = {"p50": statistics.median(took), "p99": took[int(len(took) * 0.99)]}
    _say(phase, cpu=cpu, wall=wall, **counts, **quantiles, peak=peak)


async def _hear(watcher: Watcher) -> None:
    receiver = watcher.traps
    assert receiver is not None
    _, port = receiver.open("127.0.0.1", TRAP_PORT)
    _say("trap port", port=port)
    await until(lambda: receiver.counts["heard"] > 0, 20, "the first trap")
    cpu, wall = time.process_time(), time.perf_counter()
    last = -1
    while receiver.counts["heard"] != last:
        last = receiver.counts["heard"]
        await asyncio.sleep(1.0)
    lasted = time.perf_counter() - wall - 1.0
    _say("traps", heard=last, hints=receiver.counts["hints"], cpu=time.process_time() - cpu, wall=lasted)
    receiver.close()


def _say(phase: str, **figures: Any) -> None:
    rounded = {name: round(value, 5) if isinstance(value, float) else value for name, value in figures.items()}
    print(json.dumps({"phase": phase, **rounded}), flush=True)


# ---- beside it -------------------------------------------------------------------------------------------


def _send_traps(port: int, live: Sequence[Device], key: str) -> None:
    """Five seconds of them, all v2c, each from a device's own address with its own community."""
    plain = [one for one in live if one.snmp is SnmpVersion.V2C]
    with ExitStack() as stack:
        senders = []
        for one in random.sample(plain, 50):
            sender = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            sender.bind((str(one.address), 0))
            senders.append((sender, recorded_trap(unseal(one.sealed_snmp, key).encode())))
        begun = time.perf_counter()
        for sent in range(TRAPS * 5):
            time.sleep(max(0.0, begun + sent / TRAPS - time.perf_counter()))
            sender, datagram = senders[sent % len(senders)]
            sender.sendto(datagram, ("127.0.0.1", port))


def _peer(live: Sequence[Device], key: str, folder: Path) -> float:
    """CPU seconds of one snmpget for the same objects."""
    before = os.times()
    for one in random.sample(live, PEER_POLLS):
        secret = unseal(one.sealed_snmp, key)
        if one.snmp is SnmpVersion.V2C:
            who = ["-v2c", "-c", secret]
        else:
            user = snmp_user(one.mac)
            who = ["-v3", "-l", "authPriv", "-u", user, "-a", "SHA", "-x", "AES", "-A", secret, "-X", secret]
        command = ["snmpget", *who, "-t", "2", "-r", "1", f"{one.address}:{AGENT_PORT}", *ASKED]
        subprocess.run(command, env=environment(folder), check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return spent / PEER_POLLS


def _text(found: dict[str, dict[str, Any]], peer: float, secured: int) -> str:
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}. {DEVICES} devices a minute, {secured} % of",
        f"them SNMPv3 authPriv, {len(ASKED)} objects each; {DEAD} dead. The process holds store, poller and client.",
        "",
        "| window | CPU of a core | polls | answers | answer p50 | p99 | memory |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for phase in ("first minute", "with the dead", "without the dead"):
        one = found[phase]
        lines.append(
            f"| {phase}, {one['wall']:.0f} s | {one['cpu'] / one['wall']:.1%} | {one['polls']} | {one['answers']} "
            f"| {one['p50'] * 1000:.1f} ms | {one['p99'] * 1000:.1f} ms | {one['peak']:.0f} MiB |"
        )
    dead, clean, kept, traps = (found[one] for one in ("with the dead", "without the dead", "keeping", "traps"))
    share = kept["cpu"] / KEEP_SECONDS
    each = clean["cpu"] / clean["polls"]
    return "\n".join(
        [
            *lines,
            "",
            f"With the dead {dead['cpu'] / dead['wall'] + share:.1%} of a core (wanted: 5 %), {share:.2%} of it for "
            f"writing {kept['devices']} devices' last answers every {KEEP_SECONDS:.0f} s.",
            "In the first minute each SNMPv3 user is made known to pysnmp's engine, which rebuilds its tables.",
            f"A poll costs {each * 1000:.2f} ms of CPU, all told; snmpget {peer * 1000:.2f} ms, its agent apart: "
            f"{each / peer:.2f} x.",
            f"Traps, v2c, {TRAPS} a second for 5 s: {traps['heard']} of {TRAPS * 5} heard, "
            f"{traps['cpu'] / traps['wall']:.0%} of a core.",
            "",
        ]
    )


if __name__ == "__main__":
    began = time.monotonic()
    main()
    if "--watch" not in sys.argv:
        print(f"took {time.monotonic() - began:.0f} s")
