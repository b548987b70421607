"""A requested path is a name, with a secret in front or not, however it is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioning.http.path import parse_path


@pytest.mark.parametrize(
    ("raw", "name", "secret"),
    [
        ("/a.cfg", "a.cfg", None),
        ("//a.cfg", "a.cfg", None),
        ("/a.cfg?x=/y/z", "a.cfg", None),
        ("/s3cret/a.cfg", "a.cfg", "s3cret"),
        ("/s3cret/", "", "s3cret"),
        ("/" + "a1" * 16, "", "a1" * 16),
        ("/x/s3cret/a.cfg", "…/a.cfg", "x"),
        ("/", "", None),
        ("", "", None),
        ("/%61.cfg", "a.cfg", None),
        ("/..%2f..%2fetc%2fpasswd", "../../etc/passwd", None),
        ("/../../etc/passwd", "…/passwd", ".."),
        ("/%2e%2e/%2e%2e", "..", ".."),
        ("/%252e%252e%252fetc", "%2e%2e%2fetc", None),
        ("/a%00.cfg", "a\ufffd.cfg", None),
        ("/a%ff.cfg", "a\ufffd.cfg", None),
        ("http://elsewhere/a.cfg", "…/a.cfg", "http:"),
    ],
)
def test_what_a_path_says(raw: str, name: str, secret: str | None) -> None:
    assert parse_path(raw) == (name, secret)


@given(st.text())
def test_whatever_is_asked_for_is_a_printable_name_of_bounded_length(raw: str) -> None:
    name, secret = parse_path(raw)
    assert name == "" or name.isprintable()
    assert len(name) <= 302
    assert secret is None or len(secret) <= 300
