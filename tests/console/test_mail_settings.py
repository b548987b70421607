from pathlib import Path

import pytest

from console.settings import Mail, load
from dialplan.errors import BadValue

NEEDED = '[ari]\npassword = "a"\n[ami]\npassword = "b"\n[store]\nkey = "k"\n'


def read(folder: Path, mail: str) -> Mail:
    file = folder / "denwaban.toml"
    file.write_text(NEEDED + mail, encoding="utf-8")
    return load(file).mail


def test_mail_is_off_unless_a_host_is_set(tmp_path: Path) -> None:
    assert read(tmp_path, "").host == ""


def test_a_server_is_read_and_its_password_not_shown(tmp_path: Path) -> None:
    server = 'host = "mail.example.jp"\nsender = "d@example.jp"\nuser = "d"\npassword = "s3cret"\n'
    found = read(tmp_path, "[mail]\n" + server)
    assert (found.host, found.sender) == ("mail.example.jp", "d@example.jp")
    assert (found.port, found.security) == (587, "starttls")
    assert found.password.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ('host = "mail.example.jp"\npassword = "s3cret"\n', "mail.sender: found ''"),
        ('host = "mail.example.jp"\nsender = "d"\npassword = "s3cret"\n', "mail.sender: found 'd'"),
        ('security = "ssl"\n', "mail.security: found 'ssl'"),
        ("port = 0\n", "mail.port: found 0"),
    ],
)
def test_a_server_that_could_not_be_used_is_refused(tmp_path: Path, table: str, complaint: str) -> None:
    with pytest.raises(BadValue) as refused:
        read(tmp_path, "[mail]\n" + table)
    assert complaint in str(refused.value)
    assert "s3cret" not in str(refused.value)
