from pathlib import Path

import pytest

from lab import image
from lab.engine import Engine
from lab.errors import LabError

STANZAS = """\
# URIs: http://commented.example/debian
Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security

Enabled: no
Types: deb
URIs: http://disabled.example/debian

Types: deb deb-src
URIs: http://mirror.example/debian/ http://second.example/debian
Suites: bookworm
Signed-By:
 /usr/share/keyrings/debian-archive-keyring.gpg
"""
LINES = """\
# deb http://commented.example/debian sid main
deb-src http://sources.example/debian sid main
deb https://third.example/party stable main
deb [arch=amd64 signed-by=/x.gpg] http://mirror.example/debian bookworm main
"""


@pytest.mark.parametrize("text", [STANZAS, LINES])
def test_the_mirror_is_the_one_debian_itself_comes_from(text: str) -> None:
    assert image.debian_mirror([text]) == "http://mirror.example/debian"


def test_lists_are_asked_in_turn() -> None:
    assert (
        image.debian_mirror(["deb http://a.example/ubuntu noble main\n", "", STANZAS])
        == "http://mirror.example/debian"
    )


@pytest.mark.parametrize(
    "text", ["", "\n\n", "# deb http://a.example/debian x main\n", "Types: deb\n", "nonsense : : \n"]
)
def test_no_mirror_is_none(text: str) -> None:
    assert image.debian_mirror([text]) is None


def test_all_of_apts_lists_are_read(tmp_path: Path) -> None:
    (tmp_path / "sources.list.d").mkdir()
    for name in ("sources.list", "sources.list.d/b.list", "sources.list.d/a.sources", "sources.list.d/c.save"):
        (tmp_path / name).write_text(name)
    assert image.apt_sources(tmp_path) == ["sources.list", "sources.list.d/a.sources", "sources.list.d/b.list"]
    assert image.apt_sources(tmp_path / "nowhere") == []


def test_another_containerfile_is_another_image(tmp_path: Path) -> None:
    file = tmp_path / "Containerfile"
    file.write_text("FROM a\n")
    first = image.tag(file)
    file.write_text("FROM b\n")
    assert image.tag(file) != first
    assert first.startswith("localhost/denwaban-lab:")


def test_without_registry_and_mmdebstrap_the_message_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "podman"
    program.write_text("#!/bin/sh\nexit 125\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    told: list[tuple[int, int, str]] = []
    with pytest.raises(LabError, match="apt-get install mmdebstrap"):
        image.ensure(Engine(program=str(program)), lambda *step: told.append(step))
    assert told == [(0, 4, "looking for Debian sid in a registry")]
