"""A caller at a keypad, in place of Asterisk: hears prompts, types, waits, hangs up, as a script says."""

from collections import deque
from collections.abc import Iterable, Mapping

from agi.ari.errors import Gone
from agi.ari.inbox import Inbox
from agi.ari.messages import Channel, ChannelDtmfReceived, Playback, PlaybackFinished

HANG_UP = "hang up"
SILENCE = ""


class Keypad:
    """Offers what agi.call asks of Asterisk. With each prompt it does the next step of the script: types its keys,
    is silent, or hangs up; when the script is over it hangs up.

    `heard` are the prompts in order, whatever the number of playbacks.
    """

    def __init__(self, script: Iterable[str], ahead: str = "") -> None:
        """`ahead` is typed as soon as the call is answered."""
        self.heard: list[str] = []
        self.hung_up = ""  # by whom
        self.went_on: tuple[str, str] | None = None  # context and extension
        self.variables: dict[str, str] = {}
        self.rang = False
        self.script = deque(script)
        self.events = Inbox("k1", limit=10_000)
        self._ahead = ahead
        self._playbacks = 0

    async def ring(self, channel_id: str) -> None:
        """A script that begins with hanging up is one of a caller who does not wait for the answer."""
        self.rang = True
        if self.script and self.script[0] == HANG_UP:
            self._end("the caller")

    async def continue_(
        self,
        channel_id: str,
        *,
        context: str | None = None,
        extension: str | None = None,
        priority: int | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> None:
        assert context is not None
        assert extension is not None
        self.went_on, self.variables = (context, extension), dict(variables or {})

    async def answer(self, channel_id: str) -> None:
        self._type(self._ahead)

    async def hangup(self, channel_id: str, cause: int) -> None:
        self._end("us")

    async def play(self, channel_id: str, *media: str, language: str | None = None) -> str:
        self._playbacks += 1
        playback = str(self._playbacks)
        self.heard += [one.removeprefix("sound:denwaban/") for one in media]
        step = self.script.popleft() if self.script else HANG_UP
        if step == HANG_UP:
            self._end("the caller")
        else:
            self._type(step)
            self.events.put(PlaybackFinished(playback=Playback(id=playback, target_uri="channel:k1", state="done")))
        return playback

    async def stop_playback(self, playback_id: str) -> None:
        return None

    def _type(self, keys: str) -> None:
        for key in keys:
            self.events.put(ChannelDtmfReceived(channel=Channel(id="k1"), digit=key))

    def _end(self, who: str) -> None:
        self.hung_up = self.hung_up or who
        self.events.close(Gone("the call has ended"))
