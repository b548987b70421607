"""Reads what Patton's gateways read: a script of commands, whose modes are told by indentation, and routing keys."""

import re
import shlex

from tests.provisioning.makers.parse.keyed import DIGITS, Rule, Step

Command = tuple[str, ...]
Script = dict[Command, list[Command]]
_ELEMENT = re.compile(r"\.|\[(?P<set>[0-9*#]+)\]|(?P<key>[0-9*#])")


def read(file: bytes) -> Script:
    """Commands by the modes that they stand in: ("context cs switch", "interface sip IF_SIP"): [("remote", …), …].
    A mode that is entered again goes on.
    """
    script: Script = {}
    modes: list[tuple[int, str]] = []
    lines = [line for line in file.decode("ascii").splitlines() if line.strip() and not line.lstrip().startswith("#")]
    for line in lines:
        depth = len(line) - len(line.lstrip())
        while modes and modes[-1][0] >= depth:
            modes.pop()
        path = tuple(mode for _, mode in modes)
        script.setdefault(path, []).append(_words(line))
        modes.append((depth, line.strip()))
    return script


def _words(line: str) -> Command:
    lexer = shlex.shlex(line.strip(), posix=True)
    lexer.whitespace_split, lexer.commenters, lexer.quotes, lexer.escape = True, "", '"', ""
    return tuple(lexer)


def value(script: Script, path: Command, *command: str) -> str:
    """The word after `command`, which stands once in the mode."""
    found = [words for words in script[path] if words[: len(command)] == command]
    assert len(found) == 1, (path, command, found)
    return found[0][len(command)]


def plan(script: Script, table: str) -> list[Rule]:
    commands = script[("context cs switch", f"routing-table called-e164 {table}")]
    assert all(words[0] == "route" for words in commands)
    return [_rule(words[1]) for words in commands]


def _rule(key: str) -> Rule:
    """A key is a beginning; with T more is collected."""
    timed = key.endswith("T")
    steps: list[Step] = []
    position, end = 0, len(key) - timed
    while position < end:
        found = _ELEMENT.match(key, position)
        assert found, f"{key} at {position}"
        steps.append(Step(DIGITS if found[0] == "." else frozenset(found["set"] or found["key"])))
        position = found.end()
    return Rule((*steps, Step(DIGITS, again=True)) if timed else tuple(steps), timed=timed)
