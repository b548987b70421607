"""From the text of a number to an end of a call, by the numbering plan."""

from dialplan.numbers import Dialled, NumberClass, dialled
from rating.usage import Party

# Kinds that no number tells; the switch or the contract does.
HANDSET = "handset"
PAYPHONE = "payphone"
GROUP = "group"
KINDS = frozenset([*NumberClass, HANDSET, PAYPHONE, GROUP])


def party(text: str) -> Party:
    """Classifies a number as dialled or in E.164. An invalid one keeps its class, so that NoPrice can name it."""
    return of(dialled(text))


def of(number: Dialled) -> Party:
    """The same from a number that has already been read, so that it is not read twice."""
    if number.e164 is not None:
        return Party(number.kind.value, number.e164[1:])
    return Party(number.kind.value, number.digits or number.raw)
