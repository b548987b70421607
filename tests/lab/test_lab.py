"""Up, down and what lies between, on real containers; the application's place is taken by small processes."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from dialplan.errors import BadValue
from lab import engine, keeper, lab
from lab.configure import Handset
from lab.errors import LabError
from lab.lab import Part
from lab.place import Place
from tests.fixtures.lab import bare_switch, folder

pytestmark = pytest.mark.lab

SERVES = """
import os, socket, time
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
    s.connect(os.environ["NOTIFY_SOCKET"].replace("@", "\\0", 1))
    s.send(b"READY=1")
    while True:
        s.send(b"WATCHDOG=1")
        time.sleep(0.1)
"""


@pytest.fixture
def place() -> Iterator[Place]:
    with folder(93) as place:
        yield place


def command(script: str) -> lab.Serve:
    def serve(_: Path) -> Sequence[str]:
        return [sys.executable, "-c", script]

    return serve


def parts(place: Place) -> dict[str, Part]:
    return {part.name: part for part in lab.status(place)}


def test_up_and_down_with_everything(place: Place) -> None:
    lab.up(place, prepare=bare_switch(place, ()), serve=command(SERVES), phones=False)
    up = parts(place)
    assert {name: part.running for name, part in up.items()} == {
        "switch": True,
        "carrier": True,
        "phones": False,
        "serve": True,
    }
    assert (up["carrier"].health, up["phones"].health) == ("ready", "not started")
    assert up["serve"].health == "not connected to the switch"
    assert not up["serve"].healthy
    since = up["switch"].since
    assert since is not None
    assert abs(since.timestamp() - time.time()) < 60
    application = keeper.state(place.run)
    assert application is not None
    lab.down(place)
    assert not any(part.running for part in lab.status(place))
    with pytest.raises(ProcessLookupError):
        os.kill(application.pid, 0)
    lab.down(place)


def test_what_was_begun_is_stopped_when_the_application_does_not_start(place: Place) -> None:
    with pytest.raises(LabError, match="no such luck"):
        lab.up(place, prepare=bare_switch(place, ()), serve=command("raise SystemExit('no such luck')"), phones=False)
    assert [part.health for part in lab.status(place)] == ["not started"] * 4


def test_what_ran_before_outlives_an_up_that_fails(place: Place) -> None:
    lab.up(place, phones=False)

    def refuse(*_: object) -> Path:
        raise BadValue("settings", "x", "something else")

    with pytest.raises(BadValue, match="something else"):
        lab.up(place, prepare=refuse)
    assert {name for name, part in parts(place).items() if part.running} == {"carrier"}


def test_an_asterisk_that_cannot_start_says_why(place: Place) -> None:
    def broken(root: Path, _: object) -> Path:
        (place.etc("switch") / "asterisk.conf").write_text("[options\n")
        (place.etc("switch") / "modules.conf").unlink(missing_ok=True)
        return root

    with pytest.raises(LabError, match=r"switch (ended|was not ready)"):
        lab.up(place, prepare=broken, carrier=False, phones=False)
    assert not parts(place)["switch"].running


def test_other_handsets_are_another_configuration(place: Place) -> None:
    lab.up(place)
    before = parts(place)
    lab.up(place, handsets=[Handset(sip_user="h05", password="x")])
    after = parts(place)
    assert after["carrier"].since == before["carrier"].since
    assert after["phones"].since != before["phones"].since
    assert after["phones"].health == "ready, 0 of 1 handsets registered"


def test_the_labs_of_two_folders_do_not_take_each_others_containers(place: Place, tmp_path: Path) -> None:
    lab.up(place, phones=False)
    other = replace(place, root=tmp_path)
    for act in (lab.up, lab.down):
        with pytest.raises(LabError, match=f"found {place.root}, expected {tmp_path}"):
            act(other)
    assert parts(place)["carrier"].running


def test_a_role_that_was_killed_is_seen_and_comes_back(place: Place) -> None:
    lab.up(place, phones=False)
    engine.find().kill(place.container("carrier"))
    assert parts(place)["carrier"].health == "ended with 137"
    lab.up(place, phones=False)
    assert parts(place)["carrier"].health == "ready"
    lab.restart(place, "carrier", crash=True)
    assert parts(place)["carrier"].health == "ready"


def test_the_application_is_started_again_and_the_status_says_so(place: Place) -> None:
    lab.up(place, prepare=bare_switch(place, ()), serve=command(SERVES), carrier=False, phones=False)
    first = keeper.state(place.run)
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    second = lab.ready(place, after=first)
    assert second.pid != first.pid
    assert "started again 1 times, last after SIGKILL" in parts(place)["serve"].health


def test_logs_are_the_last_lines_of_a_part(place: Place) -> None:
    lab.up(place, phones=False)
    assert "Asterisk 22" in lab.logs(place, "carrier")
    assert len(lab.logs(place, "carrier", 1).splitlines()) == 1
    assert lab.logs(place, "serve") == ""
    with pytest.raises(BadValue, match="kitchen"):
        lab.logs(place, "kitchen")
