"""What runs of a lab, and how it is."""

from dataclasses import dataclass
from datetime import UTC, datetime

from dialplan.render import APP
from lab import engine, keeper
from lab.engine import Engine
from lab.place import ROLES, Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """`health` is for people: what the part says of itself, or why it does not run."""

    name: str
    running: bool
    healthy: bool
    since: datetime | None
    health: str


def status(place: Place) -> list[Part]:
    podman = engine.find()
    return [*(_asterisk(podman, place, role) for role in ROLES), _application(podman, place)]


def _asterisk(podman: Engine, place: Place, role: str) -> Part:
    state = podman.state(place.container(role))
    if state is None:
        return Part(name=role, running=False, healthy=False, since=None, health="not started")
    if not state.running:
        said = f"ended with {state.exit_code}"
        return Part(name=role, running=False, healthy=False, since=state.since, health=said)
    # `core waitfullybooted` would wait; the uptime is known only when it has booted.
    booted = podman.ask(place.container(role), "core show uptime")
    health = "starting" if booted is None else "ready"
    if booted is not None and role == "phones":
        listed = (podman.ask(place.container(role), "pjsip show registrations") or "").splitlines()
        rows = [line for line in listed if "/sip:" in line and "<Registration" not in line]
        health = f"ready, {sum('  Registered' in row for row in rows)} of {len(rows)} handsets registered"
    return Part(name=role, running=True, healthy=booted is not None, since=state.since, health=health)


def _application(podman: Engine, place: Place) -> Part:
    state = keeper.state(place.run)
    if state is None or state.pid == 0:
        health = f"ended ({state.last_end}), will be started again" if state else "not started"
        return Part(name="serve", running=False, healthy=False, since=None, health=health)
    connected = APP in (podman.ask(place.container("switch"), "ari show apps") or "").split()
    health = "connected to the switch" if connected else "not connected to the switch" if state.ready else "starting"
    if state.restarts:
        health += f"; started again {state.restarts} times, last after {state.last_end}"
    since = datetime.fromtimestamp(state.since, UTC)
    return Part(name="serve", running=True, healthy=connected and state.ready, since=since, health=health)
