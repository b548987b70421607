"""Fixtures shared by all tests live in tests/fixtures, one file per thing they start."""

# postgres before databases, which imports it: its asserts could not be rewritten any more.
pytest_plugins = [
    "tests.fixtures.postgres",
    "tests.fixtures.databases",
    "tests.fixtures.lab",
    "tests.fixtures.service",
    "tests.fixtures.counted",
    "tests.fixtures.media",
]
