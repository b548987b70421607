"""Which number of the contract is set: the first step of 142 and 147 (seed 003, 操作電話番号)."""

from dataclasses import replace

from agi.menu import Complete, Invalid, Match, Matcher, ended
from agi.talk import Talk
from dialplan.numbers import dialled
from subscribers.lines import Line
from subscribers.records.find import list_lines
from subscribers.states import LineState


async def which_line(talk: Talk) -> Talk:
    """About the line of the number keyed; a contract with one number is not asked.

    Raises Back for `*`.
    """
    found = await talk.read(list_lines, contract_id=talk.line.contract_id)
    at = talk.desk.now()
    lines = [one.line for one in found if one.state(at) is LineState.ACTIVE]
    if sum(len(line.numbers) for line in lines) <= 1:
        return talk
    line = await talk.call.ask("enter-own-number", own_number(talk.line, lines))
    return replace(talk, line=line)


def own_number(calling: Line, lines: list[Line]) -> Matcher[Line]:
    """A number of one of the lines and `#`, or `#` alone for the line that calls."""
    holders = {number: line for line in lines for number in line.numbers}

    def read(digits: str) -> Match[Line]:
        if not digits:
            return Complete(calling)
        line = holders.get(dialled(digits).e164 or "")
        return Complete(line) if line is not None else Invalid(say="not-own-number")

    return ended(read, too_long="not-own-number")
