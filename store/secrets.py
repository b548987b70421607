"""Small secrets, such as SIP passwords, as they lie in the database: sealed under the operator's key."""

import hashlib
import hmac
import os

from cryptography.fernet import Fernet, InvalidToken

from dialplan.errors import BadValue


class WrongKey(Exception):
    """The sealed text was made with another key, or has been altered."""

    def __init__(self, thing: str) -> None:
        self.thing = thing
        super().__init__(f"{thing}: found a text sealed with another key, or altered; expected one of this key")


def new_key() -> str:
    """A fresh key: 44 characters, to be kept in the settings and never in the database."""
    return Fernet.generate_key().decode()


def seal(secret: str, key: str) -> str:
    """Text for a database column, different each time. Raises BadValue for an unusable key."""
    return _fernet(key).encrypt(secret.encode()).decode()


def unseal(sealed: str, key: str, thing: str = "secret") -> str:
    """Raises WrongKey, naming `thing`; BadValue for an unusable key."""
    try:
        return _fernet(key).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise WrongKey(thing) from None


def _fernet(key: str) -> Fernet:
    try:
        return Fernet(key.encode())
    except ValueError:
        # The key itself must not get into a message that ends up in a log.
        expected = "32 bytes in URL-safe base64, as `denwaban init` writes it"
        raise BadValue("secrets key", f"{len(key)} characters", expected) from None


# 16 MiB and some 35 ms on one core of today: short PINs are protected by the lock-out, this protects a lost backup.
_LOG_N, _R, _P = 14, 8, 1
_NO_SALT = bytes(16)


def hash_secret(secret: str) -> str:
    """For a secret that is only ever compared: scrypt with a fresh salt, its parameters in front. Takes tens of
    milliseconds without holding the interpreter: call it in a thread.
    """
    salt = os.urandom(16)
    return f"scrypt${_LOG_N}${_R}${_P}${salt.hex()}${_scrypt(secret, salt, _LOG_N, _R, _P).hex()}"


def matches_hash(secret: str, hashed: str | None) -> bool:
    """Whether `hash_secret` made `hashed` from `secret`. None matches nothing, and takes as long to say so.

    Raises BadValue for a text that hash_secret did not make.
    """
    if hashed is None:
        _scrypt(secret, _NO_SALT, _LOG_N, _R, _P)
        return False
    try:
        kind, log_n, r, p, salt, expected = hashed.split("$")
        if kind != "scrypt":
            raise ValueError(kind)
        found = _scrypt(secret, bytes.fromhex(salt), int(log_n), int(r), int(p))
        return hmac.compare_digest(found, bytes.fromhex(expected))
    except ValueError:
        raise BadValue("hashed secret", f"{len(hashed)} characters", "a text that hash_secret made") from None


def _scrypt(secret: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(secret.encode(), salt=salt, n=2**log_n, r=r, p=p, maxmem=64 * 2**20, dklen=32)
