"""Which request an answer belongs to, and what became of each (no clock, no sockets: time is given)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from agi.ari.errors import AriError, Refused, Unavailable
from agi.ari.messages import RESTResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A 2xx answer; `body` is JSON text, empty for a 204."""

    status: int
    body: str = ""


Outcome: TypeAlias = Response | AriError


def judge(what: str, status: int, reason: str, body: str) -> Outcome:
    """An HTTP status as a Response, a Refused (4xx) or an Unavailable (anything else that is not 2xx)."""
    if 200 <= status < 300:
        return Response(status=status, body=body)
    if 400 <= status < 500:
        return Refused(what, status, reason)
    return Unavailable(what, f"Asterisk answered {status} {reason}", status)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    what: str
    settle: Callable[[Outcome], None]
    deadline: float


class Exchange:
    """The requests under way on one connection. Each is settled exactly once."""

    def __init__(self, limit: int = 4096) -> None:
        self._limit = limit
        self._pending: dict[str, _Pending] = {}
        self._serial = 0

    def __len__(self) -> int:
        return len(self._pending)

    def next_id(self) -> str:
        """An id no other request has had, not even on an earlier connection."""
        self._serial += 1
        return str(self._serial)

    def reserve(self, count: int) -> None:
        """Raises Unavailable when `count` more would be too many: Asterisk is not keeping up."""
        if len(self._pending) + count > self._limit:
            raise Unavailable(f"{count} requests", f"{len(self._pending)} of at most {self._limit} already waiting")

    def begin(self, request_id: str, what: str, settle: Callable[[Outcome], None], deadline: float) -> None:
        """Wait for the answer to `request_id` until `deadline`."""
        self._pending[request_id] = _Pending(what=what, settle=settle, deadline=deadline)

    def answer(self, message: RESTResponse) -> bool:
        """Settle the request this answers; False when nobody waits for it (any more)."""
        pending = self._pending.pop(message.request_id, None)
        if pending is None:
            return False
        body = message.message_body
        pending.settle(judge(pending.what, message.status_code, message.reason_phrase, body))
        return True

    def expire(self, now: float) -> int:
        """Settle every request whose deadline is not after `now`; how many there were."""
        late = [key for key, pending in self._pending.items() if pending.deadline <= now]
        for key in late:
            pending = self._pending.pop(key)
            pending.settle(Unavailable(pending.what, "no answer in time"))
        return len(late)

    def next_deadline(self) -> float | None:
        return min((pending.deadline for pending in self._pending.values()), default=None)

    def fail(self, why: str) -> int:
        """Settle everything as Unavailable (the connection is gone); how many there were."""
        lost, self._pending = self._pending, {}
        for pending in lost.values():
            pending.settle(Unavailable(pending.what, why))
        return len(lost)
