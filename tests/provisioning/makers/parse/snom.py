"""Snom's files: every element of <phone-settings> is a setting, of identity `idx` where it has one."""

from dataclasses import dataclass
from xml.etree import ElementTree


@dataclass(frozen=True, slots=True)
class Key:
    context: str
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Snom:
    settings: dict[str, str]
    of: dict[int, dict[str, str]]
    keys: dict[int, Key]


def read(data: bytes) -> Snom:
    if b"<!" in data.replace(b"<!--", b""):
        raise ValueError("a document type")
    root = ElementTree.fromstring(data)  # noqa: S314 - our own file, and without a document type
    if root.tag != "settings":
        raise ValueError(f"root {root.tag}")
    settings: dict[str, str] = {}
    of: dict[int, dict[str, str]] = {}
    for element in root.iterfind("phone-settings/*"):
        idx = element.get("idx")
        into = settings if idx is None else of.setdefault(int(idx), {})
        if element.tag in into:
            raise ValueError(f"{element.tag} twice")
        into[element.tag] = element.text or ""
    keys: dict[int, Key] = {}
    for key in root.iterfind("functionKeys/fkey"):
        at = int(key.attrib["idx"])
        if at in keys:
            raise ValueError(f"key {at} twice")
        keys[at] = Key(key.attrib["context"], key.attrib["label"], key.text or "")
    return Snom(settings, of, keys)
