"""Every setting is documented, and the page says what the settings say."""

from pathlib import Path

from console.settings import Settings
from console.settings_page import _table, page

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_is_what_the_settings_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m console.settings_page > docs/settings.md"


def test_every_table_and_every_key_says_what_it_means() -> None:
    for name, field in Settings.model_fields.items():
        table = _table(field.annotation)
        assert table.__doc__, name
        assert [key for key, each in table.model_fields.items() if not each.description] == [], name
