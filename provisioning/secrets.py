"""The secrets a device is given: generated, never typed."""

import hashlib
import secrets
import string

_SIGNS = "".join(sorted(set(string.ascii_letters + string.digits) - set("0O1lI")))
_KINDS = (string.ascii_lowercase, string.ascii_uppercase, string.digits)

ADMIN_LENGTH = 16
"""Shorter than the shortest maximum of the makers' web pages, and still some 92 bits."""
SNMP_LENGTH = 20
URL_LENGTH = 32


def new_password(length: int) -> str:
    """Letters and digits that cannot be taken for each other, of each kind at least one: every format carries it,
    and no device's password rule refuses it.
    """
    while True:
        made = "".join(secrets.choice(_SIGNS) for _ in range(length))
        if all(any(sign in kind for sign in made) for kind in _KINDS):
            return made


def digest_of(secret: str) -> str:
    """SHA-256 in hexadecimal, to look a secret up by. Only for long random ones."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
