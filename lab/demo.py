"""`make demo`: the lab goes up, one real call is placed to a leased number, its story is told, the lab goes down."""

import subprocess
import sys

from lab.health import status
from lab.place import find
from lab.sample import FORWARDED

CALLER = "09098765432"


def main() -> int:
    """0 when the call was forwarded, answered and charged as `denwaban lab call` reports it."""

    def denwaban(*words: str) -> int:
        print(f"\n$ denwaban {' '.join(words)}", flush=True)
        return subprocess.run([sys.executable, "-m", "console", *words], check=False).returncode

    was_up = any(part.running for part in status(find()))
    try:
        failed = denwaban("lab", "up") or denwaban("lab", "call", "--from", CALLER, "--to", FORWARDED, "--talk", "3")
    finally:
        if not was_up:
            denwaban("lab", "down")
    print(f"\nA lab to play with: `.venv/bin/denwaban lab up`, then `… lab call --from {CALLER} --to {FORWARDED}`.")
    return failed


if __name__ == "__main__":
    sys.exit(main())
