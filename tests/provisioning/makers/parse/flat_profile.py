"""Reads what Cisco's adapters read: <flat-profile>, and ( ) dial plans."""

import re
import xml.etree.ElementTree as ET

from tests.provisioning.makers.parse.keyed import DIGITS, Rule, Step

_ELEMENT = re.compile(r"x|\[(?P<set>[0-9*#]+)\]|(?P<key>[0-9*#])")


def parameters(page: bytes) -> dict[str, str]:
    """Those of the router as "SNMP/Get_Community"."""
    root = ET.fromstring(page)  # noqa: S314 - our own page
    assert root.tag == "flat-profile"
    found: dict[str, str] = {}
    _take(root, "", found)
    return found


def _take(element: ET.Element, path: str, found: dict[str, str]) -> None:
    for child in element:
        if len(child):
            _take(child, "" if child.tag == "router-configuration" else f"{path}{child.tag}/", found)
        else:
            assert path + child.tag not in found, f"{child.tag} twice"
            found[path + child.tag] = child.text or ""


def plan(text: str) -> list[Rule]:
    assert (text[0], text[-1]) == ("(", ")")
    return [_rule(rule) for rule in text[1:-1].split("|")]


def _rule(text: str) -> Rule:
    steps: list[Step] = []
    position = 0
    while position < len(text):
        if text[position] == ".":
            steps[-1] = Step(steps[-1].keys, again=True)
            position += 1
            continue
        found = _ELEMENT.match(text, position)
        assert found, f"{text} at {position}"
        steps.append(Step(DIGITS if found[0] == "x" else frozenset(found["set"] or found["key"])))
        position = found.end()
    return Rule(tuple(steps))
