"""The one image all roles run, made once from the Containerfile."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from lab.engine import Engine
from lab.errors import LabError

CONTAINERFILE = Path(__file__).parent / "Containerfile"
REGISTRY_BASE = "debian:sid-slim"
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

Progress = Callable[[int, int, str], None]
"""Called before each step with steps done, steps in all, and what comes next."""


def tag(containerfile: Path = CONTAINERFILE) -> str:
    """Another Containerfile is another image, so a change is never missed and nothing is built twice."""
    return f"localhost/denwaban-lab:{hashlib.sha256(containerfile.read_bytes()).hexdigest()[:12]}"


def ensure(engine: Engine, progress: Progress | None = None) -> str:
    """The tag of the image, built if need be (half a minute with a mirror near). Raises LabError."""
    wanted = tag()
    if engine.has_image(wanted):
        return wanted
    tell = progress or (lambda *_: None)
    base = f"localhost/denwaban-base:{wanted.rsplit(':', 1)[1]}"
    if not engine.has_image(base):
        tell(0, 4, "looking for Debian sid in a registry")
        if engine.pull(REGISTRY_BASE):
            base = REGISTRY_BASE
        else:
            _from_mirror(engine, base, tell)
    tell(3, 4, "building the image")
    engine.build(CONTAINERFILE, wanted, base)
    tell(4, 4, "image built")
    return wanted


def _from_mirror(engine: Engine, base: str, tell: Progress) -> None:
    program = shutil.which("mmdebstrap")
    if program is None:
        raise LabError(
            f"no image registry could be reached for {REGISTRY_BASE}, and mmdebstrap, which makes the image from "
            "this machine's Debian mirror, is not installed: apt-get install mmdebstrap"
        )
    mirror = debian_mirror(apt_sources())
    if mirror is None:
        raise LabError(
            "no Debian mirror in /etc/apt/sources.list or sources.list.d, expected one to make the image from"
        )
    if not _KEYRING.exists():
        raise LabError(f"{_KEYRING} is missing: apt-get install debian-archive-keyring")
    tell(1, 4, "making Debian sid with Asterisk from this machine's mirror")
    with tempfile.TemporaryDirectory(prefix="denwaban-image-") as folder:
        archive = Path(folder) / "base.tar"
        words = [
            program,
            "--mode=root" if os.geteuid() == 0 else "--mode=unshare",
            "--variant=apt",
            '--aptopt=Acquire::Check-Valid-Until "false"',
            "--include=asterisk,asterisk-modules",
            "sid",
            str(archive),
            f"deb [signed-by={_KEYRING}] {mirror} sid main",
        ]
        try:
            done = subprocess.run(
                words,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=900,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            raise LabError("mmdebstrap did not end within 15 minutes") from None
        if done.returncode != 0:
            said = "\n".join(done.stderr.strip().splitlines()[-8:])
            raise LabError(f"mmdebstrap ended with {done.returncode}: {said}")
        tell(2, 4, "importing it")
        engine.take_in(archive, base)


def apt_sources(root: Path = Path("/etc/apt")) -> list[str]:
    """Text of every source list of apt."""
    files = [
        root / "sources.list",
        *sorted(root.glob("sources.list.d/*.sources")),
        *sorted(root.glob("sources.list.d/*.list")),
    ]
    return [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]


def debian_mirror(sources: Iterable[str]) -> str | None:
    """The first address from which this machine installs Debian itself, in either format of apt's lists.

    Told by its keyring or by the path that mirrors of Debian have; security and third parties are passed over.
    """
    for text in sources:
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
        for found in _one_line(lines) or _stanzas(lines):
            if re.search(r"/debian/?$", found):
                return found.rstrip("/")
    return None


def _one_line(lines: list[str]) -> list[str]:
    found = (re.match(r"\s*deb\s+(?:\[[^\]]*\]\s+)?([a-z]+://\S+)", line) for line in lines)
    return [match[1] for match in found if match]


def _stanzas(lines: list[str]) -> list[str]:
    addresses: list[str] = []
    for stanza in re.split(r"\n\s*\n", "\n".join(lines)):
        fields = {
            name.strip().lower(): value.split()
            for name, colon, value in (line.partition(":") for line in stanza.splitlines())
            if colon and not name.startswith((" ", "\t"))
        }
        if "deb" in fields.get("types", []) and "no" not in fields.get("enabled", []):
            addresses += fields.get("uris", [])
    return addresses
