"""Where results are kept: a page per benchmark, with the command that made it."""

import os
import platform
from pathlib import Path

_RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """What the figures were measured on, with the load it had before."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores ({model}), Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}"


def write(name: str, command: str, text: str) -> Path:
    _RESULTS.mkdir(exist_ok=True)
    page = _RESULTS / f"{name}.md"
    page.write_text(f"# {name}\n\n`{command}`\n\n{text}", encoding="utf-8")
    return page
