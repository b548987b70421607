"""The paper makers' files are printed on: Jinja2 over our own templates, with the quoting that each format needs."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dialplan.errors import BadValue

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates"


def print_xml(template: str, **values: object) -> str:
    """A file whose values are escaped for XML. `template` is named from templates/: "phones/snom/device.xml.j2"."""
    return _environment(xml=True).get_template(template).render(values)


def print_text(template: str, **values: object) -> str:
    """A file of lines. Every value must fit on one: BadValue for a control character. What else would need quoting is
    the template's to do, with the maker's own filter.
    """
    return _environment(xml=False).get_template(template).render(values)


@cache
def _environment(*, xml: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=xml,  # noqa: S701 - files of lines are guarded by `_one_line` and the makers' own filters
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_one_line,
    )


def _one_line(value: object) -> object:
    sign = (
        next((sign for sign in value if ord(sign) < 32 or ord(sign) == 127), None) if isinstance(value, str) else None
    )
    if sign is not None:  # the value itself may be a password, and this text is logged and stored
        raise BadValue("value for a device's file", sign, "one line without control characters")
    return value
