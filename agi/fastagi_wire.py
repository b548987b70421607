"""FastAGI as bytes: the environment Asterisk sends first, and its replies to commands. No sockets, no clock.

    Malformed   a peer that does not speak FastAGI, or one whose words contradict each other

The environment is refused, not repaired, when it contradicts itself. A caller chooses his own display name:
a line break that reached Asterisk inside it would add lines here. The first and last of two equal keys are
then equally doubtful; a call that was not charged here is charged from Asterisk's own CDR.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dialplan.errors import BadValue

MAX_BYTES = 16_384
MAX_LINES = 128
MAX_REPLY_BYTES = 65_536

_START = b"agi_network: "
_KEY = re.compile(r"agi_[a-z0-9_]{1,60}", re.ASCII)
_REPLY = re.compile(r"([0-9]{3})([ -])(.*)", re.ASCII | re.DOTALL)
_RESULT = re.compile(r"result=(\S*)(?: \((.*)\))?", re.ASCII | re.DOTALL)
_USAGE = 520


class Malformed(Exception):
    """Bytes that are not FastAGI; the text says which and what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What Asterisk 22 sends before it listens (res_agi.c, setup_env). `values` keeps the `agi_` prefixes."""

    values: Mapping[str, str]

    @property
    def script(self) -> str:
        """The path of the `agi://` address, without its leading slash; empty when there was none."""
        return self.values.get("agi_network_script", "")

    @property
    def uniqueid(self) -> str:
        return self.values["agi_uniqueid"]

    @property
    def channel(self) -> str:
        return self.values["agi_channel"]

    @property
    def arguments(self) -> tuple[str, ...]:
        """agi_arg_1, agi_arg_2 … up to the first one missing."""
        found: list[str] = []
        while (value := self.values.get(f"agi_arg_{len(found) + 1}")) is not None:
            found.append(value)
        return tuple(found)


class EnvironmentParser:
    """Feed bytes until an Environment comes back; `rest` then holds what came after its empty line."""

    __slots__ = ("_buffer", "rest")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self.rest = b""

    def feed(self, data: bytes) -> Environment | None:
        """None while more is needed. Raises Malformed, and nothing else, on what can never become one."""
        seen = max(len(self._buffer) - 1, 0)
        self._buffer += data
        start = bytes(self._buffer[: len(_START)])
        if not _START.startswith(start):
            raise Malformed(f"AGI environment: begins with {start!r}, expected {_START!r}")
        end = self._buffer.find(b"\n\n", seen)
        if (len(self._buffer) - 1 if end < 0 else end) > MAX_BYTES:
            raise Malformed(f"AGI environment: over {MAX_BYTES} bytes, expected an empty line by then")
        if end < 0:
            return None
        self.rest = bytes(self._buffer[end + 2 :])
        return _environment(bytes(self._buffer[:end]))


def _environment(block: bytes) -> Environment:
    # Names come in whatever encoding the caller sent: a broken character must not cost the charge.
    lines = block.decode("utf-8", "replace").split("\n")
    if len(lines) > MAX_LINES:
        raise Malformed(f"AGI environment: {len(lines)} lines, expected at most {MAX_LINES}")
    values: dict[str, str] = {}
    for line in lines:
        key, colon, value = line.partition(": ")
        if not colon or not _KEY.fullmatch(key):
            raise Malformed(f"AGI environment: line {line[:80]!r}, expected 'agi_name: value'")
        if key in values:
            raise Malformed(f"AGI environment: a second {key}, {value[:40]!r}, expected it once")
        values[key] = value
    for key in ("agi_network", "agi_channel", "agi_uniqueid"):
        if not values.get(key):
            raise Malformed(f"AGI environment: no {key}, expected it from Asterisk 22")
    return Environment(values=MappingProxyType(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer to one command. `result` is the word after `result=` ('' for 510, 511, 520), `data` what
    stands in brackets after it, `text` the whole answer, its lines joined by line feeds."""

    code: int
    result: str
    data: str | None
    text: str


class Hangup:
    """The line HANGUP: the channel is gone. It is a notice between replies, never the reply to a command."""

    __slots__ = ()


HANGUP = Hangup()


class ReplyParser:
    """Feed bytes, get whole replies and HANGUP notices; `100 Trying` lines are swallowed."""

    __slots__ = ("_buffer", "_usage")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._usage: list[str] | None = None

    def feed(self, data: bytes) -> list[Reply | Hangup]:
        """Raises Malformed, and nothing else."""
        self._buffer += data
        *lines, rest = bytes(self._buffer).split(b"\n")
        self._buffer = bytearray(rest)
        found = [self._line(line.decode("utf-8", "replace").rstrip("\r")) for line in lines]
        if len(rest) + sum(len(line) for line in self._usage or ()) > MAX_REPLY_BYTES:
            raise Malformed(f"AGI reply: over {MAX_REPLY_BYTES} bytes, expected its end by then")
        return [reply for reply in found if reply is not None]

    def _line(self, line: str) -> Reply | Hangup | None:
        if self._usage is not None:
            self._usage.append(line)
            if not line.startswith("520 "):  # the usage text between '520-…' and '520 End of proper usage.'
                return None
            text, self._usage = "\n".join(self._usage), None
            return Reply(code=_USAGE, result="", data=None, text=text)
        if line == "HANGUP":
            return HANGUP
        match = _REPLY.fullmatch(line)
        if match is None:
            raise Malformed(f"AGI reply: {line[:80]!r}, expected three digits and a text, or HANGUP")
        code, text = int(match[1]), match[3]
        if match[2] == "-":
            if code != _USAGE:
                raise Malformed(f"AGI reply: {line[:80]!r}, expected '-' only after {_USAGE}")
            self._usage = [line]
            return None
        if code == 100:
            return None
        result = _RESULT.match(text)
        word, data = (result[1], result[2]) if result else ("", None)
        return Reply(code=code, result=word, data=data, text=line)


def command_line(command: str) -> bytes:
    """Raises BadValue for a line break or another control character, and for more than 1,000 bytes."""
    line = command.encode("utf-8", "replace")
    if not command or any(ord(char) < 32 for char in command) or len(line) > 1000:
        raise BadValue("AGI command", command[:80], "one line of 1 to 1000 bytes without control characters")
    return line + b"\n"
