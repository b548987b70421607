"""What the paper itself refuses, whatever a template or a room let through."""

import pytest
from jinja2 import UndefinedError

from dialplan.errors import BadValue
from provisioning.makers.paper import print_text, print_xml


@pytest.mark.parametrize("sign", ["\n", "\r", "\0", "\x7f", "\t"])
def test_a_value_of_several_lines_is_refused_without_telling_it(sign: str) -> None:
    """It may be a password, and what is refused is logged and kept with the fetch."""
    with pytest.raises(BadValue, match="expected one line") as refused:
        print_text("adapters/audiocodes/first.ini.j2", base_url=f"pass{sign}word")
    assert "pass" not in str(refused.value)


def test_a_name_that_no_value_was_given_for_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="base_url"):
        print_xml("adapters/cisco/model.xml.j2")
