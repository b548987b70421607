"""Yealink's files, as a phone reads them: `key = value` lines under a first line that says which format it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KeyValues:
    """`settings` without those that are emptied (%NULL%), `cleared` their names; `passwords` by user."""

    settings: dict[str, str]
    cleared: frozenset[str]
    passwords: dict[str, str]
    includes: tuple[str, ...]


def read(data: bytes) -> KeyValues:
    first, *lines = data.decode().split("\n")
    if first != "#!version:1.0.0.1":
        raise ValueError(f"first line {first!r}")
    settings: dict[str, str] = {}
    cleared: set[str] = set()
    passwords: dict[str, str] = {}
    includes: list[str] = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("include:config "):
            includes.append(line.removeprefix("include:config ").strip('"<>'))
            continue
        name, equals, value = line.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name or " " in name:
            raise ValueError(f"line {line!r}")
        if value.startswith("#"):
            value = ""
        if len(value) > 1 and value[0] == value[-1] == '"':
            value = value[1:-1]
        if name == "static.security.user_password":
            user, _, password = value.partition(":")
            passwords[user] = password
        elif name in settings or name in cleared:
            raise ValueError(f"{name} twice")
        elif value == "%NULL%":
            cleared.add(name)
        else:
            settings[name] = value
    return KeyValues(settings, frozenset(cleared), passwords, tuple(includes))
