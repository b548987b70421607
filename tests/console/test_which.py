import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from console.which import line_named
from dialplan.errors import BadValue
from store.engine import reading


@given(text=st.text(max_size=70) | st.from_regex(r"[+#]?[0-9]{0,45}", fullmatch=True))
def test_any_text_is_refused_by_name_where_nobody_has_a_line(nobody: Engine, text: str) -> None:
    with reading(nobody) as conn, pytest.raises(BadValue) as refused:
        line_named(conn, text)
    assert refused.value.thing in ("line", "leased number")
