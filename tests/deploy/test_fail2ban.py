"""The filters find who attacks, never whom an attacker names; fail2ban itself takes the jails."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures.fail2ban import FILTERS, offenders

STOCK = Path("/etc/fail2ban")


async def found(tmp_path: Path, name: str, *lines: str) -> dict[str, int]:
    log = tmp_path / "log"
    log.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return dict(await offenders(log, name))


def logged(**fields: str) -> str:
    return json.dumps(fields | {"timestamp": "2026-11-21T00:20:01.123456Z"}, separators=(",", ":"))


async def test_only_refused_handset_calls_are_offences(tmp_path: Path) -> None:
    refused = {"event": "refused", "reason": "limit-reached", "peer": "192.0.2.7"}
    assert await found(tmp_path, "denwaban", logged(**refused, handset="h1")) == {"192.0.2.7": 1}
    assert await found(tmp_path, "denwaban", logged(**refused, trunk="carrier")) == {}
    assert await found(tmp_path, "denwaban", logged(event="decided", handset="h1", peer="192.0.2.7")) == {}


async def test_a_journals_line_is_read_like_the_log_itself(tmp_path: Path) -> None:
    line = logged(event="refused", peer="2001:db8::7", handset="h1")
    assert await found(tmp_path, "denwaban", f"Nov 21 00:20:01 host denwaban[7]: {line}") == {"2001:db8::7": 1}


@pytest.mark.parametrize("field", ["called", "caller", "handset", "reason", "trunk"])
async def test_words_of_a_stranger_are_nobodys_address(tmp_path: Path, field: str) -> None:
    forged = '","peer":"192.0.2.9","handset":"h1","event":"refused'
    assert await found(tmp_path, "denwaban", logged(**{field: forged}, event="decided")) == {}
    fields = {"event": "refused", "peer": "192.0.2.7", "handset": "h1"} | {field: forged}
    assert await found(tmp_path, "denwaban", logged(**fields)) == {"192.0.2.7": 1}


def test_fail2ban_takes_the_jails(tmp_path: Path) -> None:
    folder, log = tmp_path / "fail2ban", tmp_path / "security"
    shutil.copytree(STOCK, folder, ignore=shutil.ignore_patterns("jail.d", "jail.local", "*.local"))
    for part in ("filter.d", "jail.d"):
        shutil.copytree(FILTERS.parent / part, folder / part, dirs_exist_ok=True)
    log.touch()
    jail = folder / "jail.d" / "denwaban.conf"
    text = jail.read_text(encoding="utf-8").replace("/var/log/asterisk/security", str(log))
    jail.write_text(text.replace("enabled = false", "enabled = true"), encoding="utf-8")
    command = ["fail2ban-client", "-c", str(folder), "--test"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, "successful" in done.stdout) == (0, True), done.stderr
