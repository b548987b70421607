"""What docs/dependencies.md says of a dependency is so."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = project["project"]["dependencies"] + [
        one for extra in project["project"]["optional-dependencies"].values() for one in extra
    ]
    names = {re.split(r"[<>=\[; ]", one)[0] for one in asked}
    assert names
    assert {name for name in names if not re.search(rf"^\|[^|]*\b{re.escape(name)}\b", PAGE, re.M)} == set()


def test_the_lock_names_no_index_and_pins_every_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    pinned = re.findall(r"^([a-z0-9-]+)==.*\\\n    --hash=sha256:", lock, re.M)
    assert len(pinned) == len(re.findall(r"^[a-z0-9-]+==", lock, re.M)) > 30


def test_ari_cannot_be_imported_on_python_3() -> None:
    """Its first line imports `client`, which Python 3 looks for among top-level modules."""
    done = subprocess.run([sys.executable, "-c", "import ari"], check=False, capture_output=True, text=True)
    assert "No module named 'client'" in done.stderr
