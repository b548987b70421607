"""The one shape of a complaint: the thing, the value found, what was expected."""


class BadValue(ValueError):
    """Input that cannot be used. The console prints it and exits with 2; nothing has been changed."""

    def __init__(self, thing: str, found: object, expected: str) -> None:
        self.thing, self.found, self.expected = thing, found, expected
        super().__init__(f"{thing}: found {found!r}, expected {expected}")
