"""The lab as a whole: up, down, what runs, what it says."""

import contextlib
import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dialplan.errors import BadValue
from lab import configure, engine, image, keeper, pidfile
from lab.configure import Handset
from lab.engine import Engine, Mount
from lab.errors import LabError
from lab.health import Part as Part
from lab.health import status as status
from lab.place import ROLES, Place

PARTS = (*ROLES, "serve")
_BOOT_SECONDS = 30.0
_READY_SECONDS = 40.0
_WATCHDOG = 5.0

Prepare = Callable[[Path, Mapping[str, Mapping[str, Any]]], Path]
"""Given the lab's folder and the settings of its switch, writes settings and configuration; returns its file."""
Serve = Callable[[Path], Sequence[str]]
"""The command that runs the application on a settings file. It must tell NOTIFY_SOCKET as systemd expects."""


def up(
    place: Place,
    *,
    prepare: Prepare | None = None,
    serve: Serve | None = None,
    carrier: bool = True,
    phones: bool = True,
    handsets: Iterable[Handset] | None = None,
    progress: image.Progress | None = None,
) -> list[Part]:
    """Starts what does not run yet and returns when all of it is ready. Run again, it leaves well alone what is as
    it should be, and starts anew what has another configuration.

    Without `prepare` the lab has no switch, without `serve` no application, and without `handsets` the phones are
    those of the last time. Raises LabError, and BadValue of
    `prepare`; what this call had started is then stopped again.
    """
    podman = engine.find()
    tag = image.ensure(podman, progress)
    _ours(podman, place)
    place.lay_out()
    begun: list[str] = []
    try:
        settings: Path | None = None
        if prepare is not None:
            make = prepare
            settings = _configured(place, "switch", podman, lambda: make(place.root, place.overrides()))
        if carrier:
            _configured(place, "carrier", podman, lambda: configure.write(place, "carrier"))
        if phones:
            if handsets is not None:
                configure.give(place, handsets)
            _configured(place, "phones", podman, lambda: configure.write(place, "phones"))
        wanted = [r for r, on in (("switch", prepare), ("carrier", carrier), ("phones", phones)) if on]
        tell, steps = progress or (lambda *_: None), len(wanted) + (serve is not None)
        for role in wanted:
            state = podman.state(place.container(role))
            if state is None or not state.running:
                podman.remove(place.container(role))
                begun.append(role)
                podman.run(place.container(role), tag, _mounts(place, role), str(place.root))
        for done, role in enumerate(wanted):
            tell(done, steps, f"starting the {role}")
            _booted(podman, place, role)
        if settings is not None and serve is not None and keeper.state(place.run) is None:
            begun.append("serve")
            _keep(place, serve(settings))
        if settings is not None and serve is not None:
            tell(len(wanted), steps, "starting the application")
            ready(place)
        tell(steps, steps, "the lab is up")
    except BaseException:
        _stop(podman, place, begun)
        raise
    return status(place)


def down(place: Place) -> None:
    """Stops everything, whatever state it is in. Settings, database, records and logs stay."""
    podman = engine.find()
    _ours(podman, place)
    _stop(podman, place, PARTS)


def restart(place: Place, role: str, *, crash: bool = False) -> None:
    """One role that runs; returns when it has booted again. Its AstDB stays. With `crash` it is killed first."""
    podman = engine.find()
    if crash:
        podman.kill(place.container(role))
    podman.remove(place.container(role))
    podman.run(place.container(role), image.ensure(podman), _mounts(place, role), str(place.root))
    _booted(podman, place, role)


def logs(place: Place, part: str, lines: int = 200) -> str:
    """The last lines of what a part wrote. Raises BadValue for a part there is not."""
    if part not in PARTS:
        raise BadValue("part of the lab", part, ", ".join(PARTS))
    file = place.run / "serve.log" if part == "serve" else place.log(part) / "messages"
    if file.exists():
        text = file.read_text(encoding="utf-8", errors="replace")
    else:
        text = engine.find().logs(place.container(part), lines) if part != "serve" else ""
    return "".join(text.splitlines(keepends=True)[-lines:])


def _ours(podman: Engine, place: Place) -> None:
    for role in ROLES:
        state = podman.state(place.container(role))
        if state is not None and state.lab != str(place.root):
            raise LabError(f"another lab is up on these addresses: found {state.lab}, expected {place.root}")


def _configured(place: Place, role: str, podman: Engine, write: Callable[[], Any]) -> Any:
    """Stops a role whose configuration became another, so that it starts with the new one."""
    before = _digest(place.etc(role))
    made = write()
    if _digest(place.etc(role)) != before:
        podman.remove(place.container(role))
    return made


def _digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for file in sorted(folder.iterdir()):
        whole.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return whole.hexdigest()


def _mounts(place: Place, role: str) -> list[Mount]:
    mounts = [
        Mount(host=place.etc(role), inside="/etc/asterisk"),
        Mount(host=place.log(role), inside="/var/log/asterisk", writable=True),
        Mount(host=place.lib(role), inside="/var/lib/asterisk", writable=True),
    ]
    if role == "switch":
        # Debian keeps sounds with the read-only data.
        mounts += [
            Mount(host=place.sounds / language, inside=f"/usr/share/asterisk/sounds/{language}/denwaban")
            for language in ("ja", "en")
            if (place.sounds / language).is_dir()
        ]
    return mounts


def _booted(podman: Engine, place: Place, role: str) -> None:
    name, deadline = place.container(role), time.monotonic() + _BOOT_SECONDS
    while "fully booted" not in (podman.ask(name, "core waitfullybooted") or ""):
        state = podman.state(name)
        if state is None or not state.running:
            raise LabError(f"{role} ended while it started:\n{podman.logs(name, 20)}")
        if time.monotonic() > deadline:
            raise LabError(f"{role} was not ready within {_BOOT_SECONDS:g} s:\n{podman.logs(name, 20)}")
        time.sleep(0.1)  # its control socket is not there yet


def _keep(place: Place, command: Sequence[str]) -> None:
    log = place.run / "serve.log"
    (place.run / keeper.STATE).unlink(missing_ok=True)
    options = ["--run", str(place.run), f"--watchdog={_WATCHDOG}", "--detach"]
    with log.open("ab") as out:
        done = subprocess.run(
            [sys.executable, "-m", "lab.keeper", *options, "--", *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[1]), *_path()])},
            check=False,
        )
    if done.returncode != 0:
        raise LabError(f"the keeper ended with {done.returncode}:\n{logs(place, 'serve', 20)}")


def _path() -> list[str]:
    return [part for part in os.environ.get("PYTHONPATH", "").split(os.pathsep) if part]


def ready(place: Place, after: keeper.State | None = None) -> keeper.State:
    """Waits until the application says that it is; with `after`, one that was started since then. Raises LabError."""
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        state = keeper.state(place.run)
        if state is not None and state.ready and (after is None or state.pid != after.pid):
            return state
        again = state is not None and state.restarts >= (after.restarts if after else 0) + 3
        if again or time.monotonic() > deadline:
            raise LabError(f"the application did not become ready:\n{logs(place, 'serve', 20)}")
        time.sleep(0.05)


def _stop(podman: Engine, place: Place, parts: Iterable[str]) -> None:
    there = list(parts)
    if "serve" in there:
        _end_keeper(place)
    podman.remove(*(place.container(role) for role in ROLES if role in there))


def _end_keeper(place: Place) -> None:
    """The keeper ends its child; both locks are free when neither is left."""
    deadline = time.monotonic() + keeper.Limits().stop + 5
    for file, gentle in ((keeper.KEEPER_PID, signal.SIGTERM), (keeper.CHILD_PID, signal.SIGKILL)):
        sent: int | None = None
        while (pid := pidfile.holder(place.run / file)) is not None:
            if pid != sent:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, gentle)
                sent = pid
            if time.monotonic() > deadline:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                deadline += 5
            time.sleep(0.05)
