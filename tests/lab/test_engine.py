"""The choice of engine and what is said when there is none, with programs of our own on PATH."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lab import engine
from lab.engine import Engine
from lab.errors import LabError

V1_CRUN = {"host": {"cgroupVersion": "v1", "ociRuntime": {"name": "crun", "path": "/bin/sh"}}}
V2_CRUN = {"host": {"cgroupVersion": "v2", "ociRuntime": {"name": "crun", "path": "/bin/sh"}}}
LOST_CRUN = {"host": {"cgroupVersion": "v2", "ociRuntime": {"name": "crun", "path": "/no/crun"}}}
V1_RUNC = {"host": {"cgroupVersion": "v1", "ociRuntime": {"name": "runc", "path": "/bin/sh"}}}


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def program(path: Path, name: str, says: str = "", code: int = 0) -> None:
    file = path / name
    complaint = "echo 'cannot do that' >&2\n" if code else ""
    file.write_text(f"#!/bin/sh\nprintf '%s' '{says}'\n{complaint}exit {code}\n")
    file.chmod(0o755)


def test_no_engine_says_what_to_install(path: Path) -> None:
    with pytest.raises(LabError, match="apt-get install podman"):
        engine.find()


def test_an_engine_that_does_not_answer_gives_way_to_one_that_does(path: Path) -> None:
    program(path, "podman", code=1)
    program(path, "docker", "{}")
    assert engine.find() == Engine(program="docker")


def test_engines_that_do_not_answer_are_named_with_their_reason(path: Path) -> None:
    program(path, "podman", code=1)
    program(path, "docker", code=1)
    with pytest.raises(LabError, match=r"podman does not work \(cannot do that\); docker does not work"):
        engine.find()


@pytest.mark.parametrize(
    ("info", "options"),
    [(V1_CRUN, ("--runtime", "runc")), (V2_CRUN, ()), (LOST_CRUN, ("--runtime", "runc")), (V1_RUNC, ())],
)
def test_runc_is_taken_where_crun_cannot_run(path: Path, info: object, options: tuple[str, ...]) -> None:
    program(path, "podman", json.dumps(info))
    program(path, "runc")
    assert engine.find().options == options


def test_without_runc_podman_is_left_its_own_way(path: Path) -> None:
    program(path, "podman", json.dumps(V1_CRUN))
    assert engine.find().options == ()


def test_a_failure_tells_the_engines_own_words(path: Path) -> None:
    program(path, "podman", code=3)
    with pytest.raises(LabError, match="podman run ended with 3: cannot do that"):
        Engine(program="podman").run("name", "image", [], "lab")


def test_limits_do_not_exceed_the_machines_own() -> None:
    words = engine.limits()
    assert words[::2] == ["--ulimit", "--ulimit"]
    soft = {word.partition("=")[0]: int(word.rpartition(":")[2]) for word in words[1::2]}
    assert 0 < soft["nofile"] <= 20000
    assert 0 < soft["nproc"] <= 4096


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T20:49:13.123456789Z", datetime(2026, 11, 20, 20, 49, 13, tzinfo=UTC)),
        ("2026-11-21T05:49:13.1+09:00", datetime(2026, 11, 20, 20, 49, 13, tzinfo=UTC)),
        ("2026-11-20T20:49:13Z", datetime(2026, 11, 20, 20, 49, 13, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", None),
    ],
)
def test_both_engines_times_are_read(text: str, moment: datetime | None) -> None:
    assert engine._moment(text) == moment
