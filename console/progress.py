"""A bar for what may take a while: on a terminal only, never in the way of --json."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from console.desk import Desk

Step = Callable[[int, int, str], None]
"""Done, in all, and what was done last."""


@contextmanager
def progress(desk: Desk, what: str) -> Iterator[Step | None]:
    """None where nobody would see it."""
    console = Console(stderr=True)
    if desk.as_json or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=None)

        def step(done: int, total: int, _last: str) -> None:
            bar.update(task, completed=done, total=total)

        yield step
