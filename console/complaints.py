"""Everything that may go wrong with what somebody typed or set, as one line: no traceback, exit status 2."""

from dataclasses import asdict, dataclass
from typing import Any

import typer
from alembic.util import CommandError
from sqlalchemy.exc import DatabaseError, OperationalError
from typer.core import TyperGroup

from console.desk import Desk
from console.show import print_json
from dialplan.errors import BadValue
from rating.charge import NoPrice
from rating.problems import BadBooks
from store.engine import StoreBusy
from store.secrets import WrongKey

STATUS = 2
_EXPLAINED = (
    BadValue,
    StoreBusy,
    WrongKey,
    NoPrice,
    BadBooks,
    OperationalError,
    DatabaseError,
    CommandError,
    OSError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """`found` and `expected` are None where `message` alone says all; it has a line for each of `problems`."""

    thing: str
    found: str | None = None
    expected: str | None = None
    message: str
    problems: tuple[dict[str, str | int], ...] = ()


class Complaining(TyperGroup):
    """The root of the commands: what they raise becomes a line on stderr, and with --json an object on stdout."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except _EXPLAINED as error:
            complaint = complaint_of(error)
            if complaint is None:
                raise
            if isinstance(ctx.obj, Desk) and ctx.obj.as_json:
                print_json({"error": asdict(complaint)})
            for line in complaint.message.splitlines():
                typer.echo(f"denwaban: {line}", err=True)
            raise typer.Exit(STATUS) from None


def complaint_of(error: Exception) -> Complaint | None:
    """None for a fault of our own, which deserves its traceback."""
    match error:
        case BadValue():
            message = f"{error.thing}: found {error.found!r}, expected {error.expected}"
            return Complaint(thing=error.thing, found=str(error.found), expected=error.expected, message=message)
        case StoreBusy():
            return Complaint(thing=f"database {error.database}", message=str(error))
        case WrongKey():
            return Complaint(thing=error.thing, message=str(error))
        case NoPrice():
            return Complaint(thing="price", message=str(error))
        case BadBooks():
            problems = tuple(asdict(problem) for problem in error.problems)
            return Complaint(thing="price books", message=str(error), problems=problems)
        case CommandError():
            expected = "one that this version of denwaban knows"
            return Complaint(thing="migration of the database", message=f"{error}; expected {expected}")
        case DatabaseError():
            return _unreachable(error)
        case OSError() if error.filename is not None:
            thing, found = str(error.filename), error.strerror or type(error).__name__
            expected = "a file or folder that this user may use"
            return Complaint(
                thing=thing, found=found, expected=expected, message=f"{thing}: found {found!r}, expected {expected}"
            )
    return None


def _unreachable(error: DatabaseError) -> Complaint | None:
    """A server that is down, a file that is no database; not a refused statement, which would be our fault."""
    if type(error) not in (OperationalError, DatabaseError):
        return None
    found = " ".join(str(error.orig).split())
    expected = "a database that can be reached and read ([store] url)"
    return Complaint(
        thing="database", found=found, expected=expected, message=f"database: found {found!r}, expected {expected}"
    )
