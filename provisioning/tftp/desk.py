"""Between the TFTP server and the answers: a fetch is noted when its transfer has ended, with what became of it."""

from dataclasses import replace

from provisioning.answers import Answers
from provisioning.fetch import FetchStatus
from provisioning.notes import Note, Notes
from provisioning.serving import NotFound, Request, Served
from provisioning.tftp.exchange import Finished


class TftpDesk:
    """`answer` and `finished` are for a TftpServer."""

    def __init__(self, answers: Answers, notes: Notes) -> None:
        self._answers, self._notes = answers, notes
        self._under_way: dict[Request, Note] = {}  # the server has one exchange with a peer at a time

    async def answer(self, request: Request) -> Served | NotFound:
        found = await self._answers.find(request)
        if found.file is None:
            self._notes.put(found.note)
            return NotFound(reason=found.note.fetch.reason)
        self._under_way[request] = found.note
        return found.file

    def finished(self, end: Finished) -> None:
        note = self._under_way.pop(end.request, None)
        if note is None:
            return
        if end.served:
            self._notes.put(note)
            return
        reason = f"{end.outcome}: {end.detail}" if end.detail else end.outcome
        failed = replace(note.fetch, status=FetchStatus.FAILED, reason=reason, bytes=end.bytes, digest=None)
        self._notes.put(Note(fetch=failed))
