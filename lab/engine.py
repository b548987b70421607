"""The container engine, docker or podman, by its command line, which both share."""

import json
import resource
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.errors import LabError

_FILES, _PROCESSES = 20000, 4096
PROGRAMS = ("podman", "docker")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    host: Path
    inside: str
    writable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """`since` is when it was started. `lab` is the folder of the lab it belongs to."""

    running: bool
    since: datetime | None
    lab: str
    exit_code: int
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """`options` stand before every subcommand."""

    program: str
    options: tuple[str, ...] = ()

    def has_image(self, tag: str) -> bool:
        return self._call("image", "inspect", tag).returncode == 0

    def pull(self, reference: str) -> bool:
        """False when no registry could be reached or none of them has it."""
        try:
            return self._call("pull", "--quiet", reference, timeout=180).returncode == 0
        except LabError:
            return False

    def take_in(self, archive: Path, tag: str) -> None:
        self._must("import", str(archive), tag, timeout=300)

    def build(self, containerfile: Path, tag: str, base: str) -> None:
        words = ["build", "--network", "host", "--build-arg", f"BASE={base}", "--tag", tag]
        if self.program == "podman":
            words += ["--isolation", "chroot", "--pull-never" if base.startswith("localhost/") else "--pull=false"]
        self._must(*words, "--file", str(containerfile), str(containerfile.parent), timeout=900)

    def run(self, name: str, image: str, mounts: Sequence[Mount], lab: str) -> None:
        """Detached, in the host's own network: the roles are told apart by their loopback addresses."""
        words = ["run", "--detach", "--name", name, "--network", "host", "--label", f"denwaban.lab={lab}"]
        words += limits()
        for mount in mounts:
            words += ["--volume", f"{mount.host}:{mount.inside}:{'rw' if mount.writable else 'ro'}"]
        self._must(*words, image)

    def remove(self, *names: str) -> None:
        """Also what is not there."""
        there = [name for name in names if self.state(name) is not None]
        if there:
            self._call("stop", "--time", "5", *there)
            self._must("rm", "--force", "--volumes", *there)

    def kill(self, name: str) -> None:
        """At once, as a crash would."""
        self._must("kill", name)

    def state(self, name: str) -> State | None:
        done = self._call("container", "inspect", name)
        if done.returncode != 0:
            return None
        (found,) = json.loads(done.stdout)
        return State(
            running=bool(found["State"]["Running"]),
            since=_moment(found["State"]["StartedAt"]),
            lab=(found["Config"]["Labels"] or {}).get("denwaban.lab", ""),
            exit_code=int(found["State"]["ExitCode"]),
            pid=int(found["State"]["Pid"]),
        )

    def logs(self, name: str, lines: int = 200) -> str:
        done = self._call("logs", "--tail", str(lines), name)
        return done.stdout + done.stderr

    def ask(self, name: str, command: str) -> str | None:
        """What Asterisk's own command line says; None while it does not answer."""
        done = self._call("exec", name, "asterisk", "-rx", command)
        return done.stdout if done.returncode == 0 else None

    def _call(self, *words: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [self.program, *self.options, *words],
                capture_output=True,
                text=True,
                errors="replace",
                timeout=timeout,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise LabError(f"{self.program} {words[0]} did not end within {timeout:g} s") from None

    def _must(self, *words: str, timeout: float = 60) -> str:
        done = self._call(*words, timeout=timeout)
        if done.returncode != 0:
            said = (done.stderr.strip() or done.stdout.strip()).splitlines()
            raise LabError(f"{self.program} {words[0]} ended with {done.returncode}: " + "\n".join(said[-8:]))
        return done.stdout


def find(programs: Sequence[str] = PROGRAMS) -> Engine:
    """The first engine that is installed and answers. Raises LabError saying what to install or start."""
    ailing: list[str] = []
    for program in programs:
        if shutil.which(program) is None:
            continue
        engine = Engine(program=program)
        done = engine._call("info", "--format", "json" if program == "podman" else "{{json .}}")
        if done.returncode == 0:
            return Engine(program=program, options=_runtime(json.loads(done.stdout)) if program == "podman" else ())
        ailing.append(f"{program} does not work ({(done.stderr.strip() or 'no reason given').splitlines()[-1]})")
    if ailing:
        raise LabError("no container engine answers: " + "; ".join(ailing))
    raise LabError("no container engine: install podman (apt-get install podman runc) or docker")


def _runtime(info: Mapping[str, Mapping[str, object]]) -> tuple[str, ...]:
    """crun needs cgroups of version 2; runc runs on both."""
    host = info["host"]
    default = host.get("ociRuntime") or {}
    assert isinstance(default, dict)
    usable = default.get("name") == "runc" or (
        host.get("cgroupVersion") == "v2" and bool(default.get("path")) and Path(str(default["path"])).exists()
    )
    return () if usable or shutil.which("runc") is None else ("--runtime", "runc")


def limits() -> list[str]:
    """Limits of our own choosing where the machine allows them: an engine's defaults may lie above its own."""
    words = []
    for name, kind, wanted in (
        ("nofile", resource.RLIMIT_NOFILE, _FILES),
        ("nproc", resource.RLIMIT_NPROC, _PROCESSES),
    ):
        _, hard = resource.getrlimit(kind)
        least = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        words += ["--ulimit", f"{name}={least}:{least}"]
    return words


def _moment(text: str) -> datetime | None:
    """Both engines write RFC 3339, with more digits than Python reads and a zero year for never."""
    if text.startswith("0001-"):
        return None
    whole, _, rest = text.partition(".")
    zone = rest.lstrip("0123456789") if rest else ""
    moment = datetime.fromisoformat((whole + (zone or "")).replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
