import hashlib
import string

import pytest

from provisioning.secrets import ADMIN_LENGTH, SNMP_LENGTH, URL_LENGTH, digest_of, new_password


@pytest.mark.parametrize("length", [ADMIN_LENGTH, SNMP_LENGTH, URL_LENGTH])
def test_passwords_have_every_kind_of_sign_and_none_that_is_mistaken(length: int) -> None:
    made = [new_password(length) for _ in range(200)]
    assert len(set(made)) == 200
    for one in made:
        assert len(one) == length
        assert set(one) <= set(string.ascii_letters + string.digits) - set("0O1lI")
        assert any(sign.islower() for sign in one)
        assert any(sign.isupper() for sign in one)
        assert any(sign.isdigit() for sign in one)


def test_a_digest_is_sha_256_and_takes_whatever_a_url_may_hold() -> None:
    assert digest_of("himitsu") == hashlib.sha256(b"himitsu").hexdigest()
    assert len(digest_of("\udcff電話")) == 64
