import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
import typer.main
from typer.testing import CliRunner

from console.main import app


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def test_every_command_that_answers_can_answer_in_json() -> None:
    found = dict(commands(typer.main.get_command(app)))
    assert len(found) > 25
    mute = {path for path, command in found.items() if not any("--json" in one.opts for one in command.params)}
    printing_a_configuration = ("provision", "dhcp")
    assert {path for path in mute if path[0] != "lab"} == {
        ("serve",),
        ("provision", "serve"),
        printing_a_configuration,
    }


def test_every_command_and_option_says_what_it_is_for() -> None:
    for path, command in commands(typer.main.get_command(app)):
        assert command.help, path


def test_the_version_is_the_packages() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"denwaban {version('denwaban')}\n")


def test_the_module_runs_as_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "console", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"denwaban {version('denwaban')}\n"


@pytest.mark.parametrize(
    "arguments", [["line", "add"], ["forward", "ring", "1", "soon"], ["--nope"], ["member", "show", "9" * 30]]
)
def test_a_wrong_use_of_a_command_exits_with_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Usage: denwaban" in result.stderr
