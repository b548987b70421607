"""Reads what Grandstream devices read: <gs_provision>, the binary form, and { } dial plans."""

import re
import struct
import xml.etree.ElementTree as ET
from urllib.parse import unquote

from tests.provisioning.makers.parse.keyed import DIGITS, Rule, Step

_ELEMENT = re.compile(r"x|\[(?P<set>[0-9*#]+)\]|(?P<key>[0-9*#])")


def p_values(page: bytes) -> dict[str, str]:
    root = ET.fromstring(page)  # noqa: S314 - our own page
    assert (root.tag, root.get("version")) == ("gs_provision", "1")
    config = root.find("config")
    assert config is not None
    assert config.get("version") == "1"
    found: dict[str, str] = {}
    for element in config:
        assert re.fullmatch(r"P[0-9]+", element.tag), element.tag
        assert (len(element), element.attrib) == (0, {}), element.tag
        assert element.tag not in found, f"{element.tag} twice"
        found[element.tag] = element.text or ""
    return found


def owner(page: bytes) -> str | None:
    return ET.fromstring(page).findtext("mac")  # noqa: S314


def binary(file: bytes) -> tuple[str, dict[str, str]]:
    """(MAC, P-values)"""
    assert len(file) % 2 == 0
    words = [word for (word,) in struct.iter_unpack(">H", file)]
    assert sum(words) % 0x10000 == 0
    assert struct.unpack(">I", file[:4])[0] * 2 == len(file)
    assert file[12:16] == b"\r\n\r\n"
    pairs = [pair.split("=") for pair in file[16:].rstrip(b"\0").decode("ascii").split("&")]
    assert pairs.pop() == ["gnkey", "0b82"]
    return file[6:12].hex(), {name: unquote(value) for name, value in pairs}


def plan(text: str) -> list[Rule]:
    assert (text[0], text[-1]) == ("{", "}")
    return [_rule(rule.strip()) for rule in text[1:-1].split("|")]


def _rule(text: str) -> Rule:
    steps: list[Step] = []
    position = 0
    while position < len(text):
        if text[position] == "+":
            steps.append(Step(steps[-1].keys, again=True))
            position += 1
            continue
        found = _ELEMENT.match(text, position)
        assert found, f"{text} at {position}"
        steps.append(Step(DIGITS if found[0] == "x" else frozenset(found["set"] or found["key"])))
        position = found.end()
    return Rule(tuple(steps))
