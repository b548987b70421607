"""docs/settings.md, written from the settings themselves: `python -m console.settings_page > docs/settings.md`."""

from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from console.settings import Settings

_HEAD = """# Settings

One TOML file (`--settings FILE`, else `$DENWABAN_SETTINGS`, else `/etc/denwaban/denwaban.toml`), which
`denwaban init` writes with generated credentials. The environment wins over it: `DENWABAN_ARI__PORT=8089` stands for
`port` under `[ari]`. An unknown key is refused. This page is written by `python -m console.settings_page`.
"""


def page() -> str:
    parts = [_HEAD]
    for name, field in Settings.model_fields.items():
        table = _table(field.annotation)
        parts.append(
            f"## [{name}]\n\n{_one_line(table.__doc__ or '')}\n\n| key | default | meaning |\n| --- | --- | --- |"
        )
        parts.append("\n".join(_row(key, each) for key, each in table.model_fields.items()) + "\n")
    return "\n".join(parts)


def _table(annotation: Any) -> type[BaseModel]:
    """The table's model; an optional table is the first of its union."""
    for one in (annotation, *getattr(annotation, "__args__", ())):
        if isinstance(one, type) and issubclass(one, BaseModel):
            return one
    raise TypeError(f"settings table: found {annotation!r}, expected a model")


def _row(key: str, field: Any) -> str:
    default = field.default
    if default is PydanticUndefined:
        shown = "none: it must be set"
    elif isinstance(default, SecretStr) or default in ("", None):
        shown = "empty"
    else:
        shown = f"`{', '.join(map(str, default)) or 'none'}`" if isinstance(default, tuple) else f"`{default}`"
    return f"| `{key}` | {shown} | {_one_line(field.description or '')} |"


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    print(page(), end="")
