"""Small secrets, such as SIP passwords, as they lie in the database: sealed under the operator's key."""

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
