"""Reads what AudioCodes gateways read: ini files of parameters and tables, and digit maps."""

import re

from tests.provisioning.makers.parse.keyed import DIGITS, Rule, Step

_PARAMETER = re.compile(r"(\w+)\s*=\s*(?:'([^']*)'|([^'\s]+))")
_FORMAT = re.compile(r"FORMAT (\w+)_Index = ([\w, ]+);")
_ROW = re.compile(r"(\w+) ([0-9]+) = (.*);")
_FIELD = re.compile(r'\s*(?:"([^"]*)"|([^",]*))\s*(?:,|$)')
_ELEMENT = re.compile(r"x|\[(?P<low>[0-9])-(?P<high>[0-9])\]|(?P<key>[0-9*#])")

Row = dict[str, str]


def read(file: bytes) -> tuple[dict[str, str], dict[str, list[Row]]]:
    """(parameters, tables): a row's fields under their names without the table's."""
    parameters: dict[str, str] = {}
    tables: dict[str, list[Row]] = {}
    inside = ""
    columns: list[str] = []
    text = file.decode("ascii")
    assert text.endswith("\n")
    for line in text.splitlines():
        if not line or line.startswith(";"):
            continue
        if line.startswith("[ \\"):
            assert line == f"[ \\{inside} ]", line
            inside = ""
        elif line.startswith("[ "):
            inside = line[2:-2]
            tables[inside], columns = [], []
        elif line.startswith("["):
            assert not inside, line
            assert line.endswith(" Params]"), line
        elif inside and not columns:
            found = _FORMAT.fullmatch(line)
            assert found, line
            assert found[1] == inside, line
            columns = [name.strip().removeprefix(f"{inside}_") for name in found[2].split(",")]
        elif inside:
            tables[inside].append(_row(line, inside, columns, len(tables[inside])))
        else:
            found = _PARAMETER.fullmatch(line)
            assert found, line
            assert found[1] not in parameters, f"{found[1]} twice"
            parameters[found[1]] = found[2] if found[3] is None else found[3]
    assert not inside
    return parameters, tables


def _row(line: str, table: str, columns: list[str], index: int) -> Row:
    found = _ROW.fullmatch(line)
    assert found, line
    assert (found[1], int(found[2])) == (table, index), line
    fields, position = [], 0
    while position < len(found[3]):
        field = _FIELD.match(found[3], position)
        assert field, line
        fields.append(field[2].strip() if field[1] is None else field[1])
        position = field.end()
    return dict(zip(columns, fields, strict=True))


def digit_map(text: str) -> list[Rule]:
    assert len(text) <= 152
    rules = text.split("|")
    assert len(rules) <= 52
    return [_rule(rule) for rule in rules]


def _rule(text: str) -> Rule:
    timed = text.endswith("T")
    steps: list[Step] = []
    position, end = 0, len(text) - timed
    while position < end:
        if text[position] == ".":
            steps[-1] = Step(steps[-1].keys, again=True)
            position += 1
            continue
        found = _ELEMENT.match(text, position)
        assert found, f"{text} at {position}"
        if found["low"]:
            steps.append(Step(frozenset(str(digit) for digit in range(int(found["low"]), int(found["high"]) + 1))))
        else:
            steps.append(Step(DIGITS if found[0] == "x" else frozenset(found["key"])))
        position = found.end()
    return Rule(tuple(steps), timed=timed)
