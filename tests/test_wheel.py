"""A wheel, built and installed into an empty environment, renders the whole Asterisk configuration."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dialplan.render import TEMPLATES

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `denwaban` command of an environment that holds the wheel, and of ours only the dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    place = folder / "env"
    subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
    python = place / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--no-deps", str(wheel)], check=True)
    # The dependencies are those of this environment, without its editable install of this very checkout.
    ours = Path(next(path for path in sys.path if path.endswith("site-packages")))
    theirs = next((place / "lib").glob("python*/site-packages"))
    for entry in ours.iterdir():
        if "denwaban" not in entry.name and not (theirs / entry.name).exists():
            (theirs / entry.name).symlink_to(entry)
    return place / "bin" / "denwaban"


def run(command: Path, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "DENWABAN_SETTINGS": str(home / "denwaban.toml")}
    return subprocess.run(
        [str(command), *words], cwd=home.parent, env=environment, check=False, capture_output=True, text=True
    )


def test_init_renders_every_template_and_the_commands_work(installed: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    trunk = ["--trunk-host", "127.0.0.2", "--trunk-source", "127.0.0.2"]
    done = run(installed, home, "init", "--home", str(home), *trunk, "--json")
    assert done.returncode == 0, done.stderr
    rendered = {file.name for file in (home / "asterisk").iterdir()}
    assert rendered == {file.name.removesuffix(".j2") for file in (TEMPLATES / "asterisk").glob("*.j2")}
    assert "Dial(" in (home / "asterisk" / "extensions.conf").read_text(encoding="utf-8")
    assert list((home / "sounds" / "ja").glob("*.ulaw"))
    listed = run(installed, home, "line", "list", "--json")
    assert json.loads(listed.stdout)["lines"] == []
    rated = run(
        installed,
        home,
        "rate",
        "--book",
        "reseller",
        "--from",
        "0312345678",
        "--to",
        "0612345678",
        "--answered",
        "181",
        "--json",
    )
    assert json.loads(rated.stdout)["amount"] == "16"
