"""Polycom's files: every attribute is a setting, whatever element it stands in."""

from xml.etree import ElementTree


def read(data: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in root(data).iter():
        for name, value in element.attrib.items():
            if name in found:
                raise ValueError(f"{name} twice")
            found[name] = value
    return found


def directory(data: bytes) -> list[dict[str, str]]:
    """The entries of a contact directory."""
    return [{field.tag: field.text or "" for field in item} for item in root(data).iter("item")]


def root(data: bytes) -> ElementTree.Element:
    if b"<!" in data.replace(b"<!--", b""):
        raise ValueError("a document type")
    return ElementTree.fromstring(data)  # noqa: S314 - our own file, and without a document type
