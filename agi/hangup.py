"""The FastAGI hook: an ended call is stored and rated before Asterisk lets go of it."""

from collections.abc import Callable
from datetime import datetime

import structlog

from agi.ended import from_hook
from agi.fastagi import AgiRequest
from agi.ledger import Tariff, keep
from rating.ended import Source
from store.units import Store

log = structlog.get_logger()

SCRIPT = "ended"


class HangupHook:
    """What it cannot keep stays in Asterisk's own records, and reconciliation charges it."""

    def __init__(self, store: Store, tariff: Tariff, now: Callable[[], datetime]) -> None:
        self._store, self._tariff, self._now = store, tariff, now

    async def __call__(self, request: AgiRequest) -> None:
        """Raises BadValue for a hook that is not ours, and whatever the store raises."""
        if request.script != SCRIPT:
            log.warning("unknown hook", script=request.script, peer=request.peer, expected=SCRIPT)
            return
        ended = from_hook(request.environment, self._now())
        kept = await self._store.write(keep, ended, Source.HOOK, self._tariff)
        if kept is None:
            log.info("ended", call=ended.call_id, called=ended.dialled, refusal=ended.refusal, line=None)
            return
        log.info(
            "ended",
            call=ended.call_id,
            line=kept.call.line_id,
            to=kept.call.to_number,
            outcome=kept.call.outcome,
            answered=str(ended.answered) if ended.answered is not None else None,
            charge=str(kept.charge.amount) if kept.charge is not None else None,
            row=kept.charge.row if kept.charge is not None else None,
            unrated=kept.unrated,
            first=kept.first,
        )
