import itertools
from pathlib import Path

import pytest

from console.settings import Settings
from dialplan.errors import BadValue
from dialplan.trunks import check_trunk
from lab.place import ROLES, Addresses, Place, beside, find, spoken


def place(root: Path, addresses: Addresses | None = None) -> Place:
    return Place(root=root, addresses=addresses or Addresses(), sounds=spoken())


def test_the_folder_is_dot_lab_here_unless_the_environment_says_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find({}).root == tmp_path / ".lab"
    assert find({"DENWABAN_LAB": "/elsewhere/lab"}).root == Path("/elsewhere/lab")


def test_a_folder_that_no_engine_can_mount_is_refused() -> None:
    with pytest.raises(BadValue, match="DENWABAN_LAB"):
        find({"DENWABAN_LAB": "/a:b"})


def test_labs_side_by_side_share_no_address_and_no_container(tmp_path: Path) -> None:
    labs = [Addresses(), beside(1), beside(2)]
    assert len({lab.of(role) for lab in labs for role in ROLES}) == 9
    assert len({place(tmp_path, lab).container(role) for lab in labs for role in ROLES}) == 9


def test_rtp_ranges_of_the_roles_lie_apart() -> None:
    ranges = sorted(Addresses().rtp(role) for role in ROLES)
    assert all(one[1] < other[0] for one, other in itertools.pairwise(ranges))


@pytest.mark.parametrize("number", [0, -1, 255])
def test_a_lab_beside_must_stay_on_loopback(number: int) -> None:
    with pytest.raises(BadValue):
        beside(number)


def test_the_overrides_are_settings(tmp_path: Path) -> None:
    here = place(tmp_path, beside(7))
    tables = here.overrides()
    tables["ari"]["password"] = tables["ami"]["password"] = "secret"
    settings = Settings.model_validate({**tables, "store": {"key": "k"}})
    assert (settings.switch.sip_host, settings.ari.host, settings.fastagi.host) == ("127.0.7.1",) * 3
    assert settings.switch.config_dir == here.etc("switch")


def test_the_carrier_is_a_trunk_the_switch_takes(tmp_path: Path) -> None:
    trunk = place(tmp_path, beside(7)).trunk()
    check_trunk(trunk)
    assert trunk.sources == ("127.0.7.2",)


def test_nobody_else_may_look_into_the_folder(tmp_path: Path) -> None:
    here = place(tmp_path / "lab")
    here.lay_out()
    here.lay_out()
    assert here.root.stat().st_mode & 0o777 == 0o700
    assert all(here.etc(role).is_dir() and here.log(role).is_dir() and here.lib(role).is_dir() for role in ROLES)
