"""A conversation about a line: what its flow has at hand, and how what it changes is stored."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from agi.call import Call
from agi.desk import Desk
from agi.menu import Menu
from dialplan.errors import BadValue
from store.engine import StoreBusy
from store.units import StoreClosed
from subscribers.lines import Line

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

_FAILED = (StoreBusy, StoreClosed, SQLAlchemyError)


class NotStored(Exception):
    """The store could not be asked, or did not take a change: nothing is changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """`line` is the one that is set, as it was when the conversation came to it; `caller` is the E.164 number of the
    phone we talk with, None when it is not known.
    """

    desk: Desk
    call: Call
    line: Line
    caller: str | None = None

    async def change(self, fn: Callable[Concatenate[Connection, int, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """What `fn(conn, line id, …)` returns once it is committed. Raises NotStored, and BadValue of a rule."""
        done = await known(self.desk.store.write(fn, self.line.id, *args, **kw))
        log.info("set by menu", line=self.line.id, change=fn.__name__)
        return done

    async def must(self, fn: Callable[Concatenate[Connection, int, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """A change whose rules were kept to when it was keyed; BadValue can only mean that somebody else has
        changed the line since. Raises NotStored.
        """
        try:
            return await self.change(fn, *args, **kw)
        except BadValue as error:
            log.warning("not set by menu", line=self.line.id, change=fn.__name__, thing=error.thing)
            raise NotStored from error

    async def read(self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kw: P.kwargs) -> T:
        """Raises NotStored."""
        return await known(self.desk.store.read(fn, *args, **kw))


async def known(work: Awaitable[T]) -> T:
    """What the store says. Raises NotStored; the database's own words are not logged, as they quote the statement
    with the PIN's hash in it.
    """
    try:
        return await work
    except _FAILED as error:
        log.warning("store not available to a menu", kind=type(error).__name__)
        raise NotStored from error


Action = Callable[[Talk], Awaitable[None]]
Choices = Menu[Action]
