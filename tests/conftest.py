"""Fixtures shared by all tests live in tests/fixtures, one file per thing they start."""

pytest_plugins = ["tests.fixtures.databases", "tests.fixtures.postgres"]
