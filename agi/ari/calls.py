"""The channels in our application and the flow of each: who is new, who is known, who is on the way out.

A channel can be announced twice for one stay (listed by the application at reconnect, and by its StasisStart)
and can come back for another stay (the dialplan asks again). Asterisk sends StasisEnd between two stays, so on
one connection a second announcement without one is the same stay; across a reconnect it may be another.
"""

from collections.abc import Collection

from agi.ari.errors import Gone
from agi.ari.inbox import Inbox


class Call:
    """One stay of one channel in the application."""

    __slots__ = ("connection", "finished", "inbox", "leaving")

    def __init__(self, inbox: Inbox, connection: int) -> None:
        self.inbox = inbox
        self.connection = connection  # serial of the connection on which it was last known to be here
        self.leaving = False  # Asterisk accepted our continue or hangup; its StasisEnd is on the way
        self.finished = False  # its flow has ended


class Calls:
    def __init__(self, inbox_limit: int = 64) -> None:
        self._inbox_limit = inbox_limit
        self._calls: dict[str, Call] = {}

    def __len__(self) -> int:
        return len(self._calls)

    def get(self, channel_id: str) -> Call | None:
        return self._calls.get(channel_id)

    def start(self, channel_id: str, connection: int) -> Call | None:
        """A StasisStart came: the new stay, or None when this stay already has its flow."""
        known = self._calls.get(channel_id)
        if known is not None:
            if known.connection == connection:
                return None
            known.inbox.close(Gone(f"channel {channel_id} left the application and came back"))
        return self._enter(channel_id, connection)

    def adopt(self, channel_id: str, connection: int) -> Call | None:
        """The application lists it: the new stay, or None when a flow has it or it is on its way out."""
        known = self._calls.get(channel_id)
        if known is not None and (known.leaving or not known.finished):
            known.connection = connection
            return None
        return self._enter(channel_id, connection)

    def _enter(self, channel_id: str, connection: int) -> Call:
        call = Call(Inbox(channel_id, self._inbox_limit), connection)
        self._calls[channel_id] = call
        return call

    def end(self, channel_id: str) -> None:
        """Its stay is over: the flow reads what is left and then Gone."""
        call = self._calls.pop(channel_id, None)
        if call is not None:
            call.inbox.close(Gone(f"channel {channel_id} left the application"))

    def forget(self, call: Call) -> None:
        """Its flow failed and could not let it go: the next reconnect may adopt the channel."""
        if self._calls.get(call.inbox.channel_id) is call:
            del self._calls[call.inbox.channel_id]

    def missing(self, listed: Collection[str], connection: int) -> list[str]:
        """Channels known from earlier connections that the application no longer lists."""
        return [
            channel_id
            for channel_id, call in self._calls.items()
            if call.connection < connection and channel_id not in listed
        ]
