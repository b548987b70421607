"""The firmware folder: regular files by their exact names, mapped and not copied."""

import hashlib
from pathlib import Path

import pytest

from dialplan.errors import BadValue
from provisioning.firmware import read_folder


def test_a_file_is_mapped_with_its_digest_and_an_empty_one_is_served_too(tmp_path: Path) -> None:
    (tmp_path / "T46U.rom").write_bytes(b"image" * 1000)
    (tmp_path / "empty").touch()
    found = read_folder(tmp_path)
    image = found["T46U.rom"]
    assert isinstance(image.served.data, memoryview)
    assert bytes(image.served.data) == b"image" * 1000
    assert image.digest == hashlib.sha256(b"image" * 1000).hexdigest()
    assert bytes(found["empty"].served.data) == b""
    replacement = tmp_path / "T46U.new"
    replacement.write_bytes(b"other")
    replacement.replace(tmp_path / "T46U.rom")  # as a new image is to be put there
    assert bytes(image.served.data[:5]) == b"image"


def test_nothing_but_regular_files_of_the_folder_itself(tmp_path: Path) -> None:
    outside = tmp_path / "secret"
    outside.write_text("outside")
    folder = tmp_path / "firmware"
    (folder / "deeper").mkdir(parents=True)
    (folder / "deeper" / "x.rom").touch()
    (folder / ".hidden").touch()
    (folder / "link.rom").symlink_to(outside)
    (folder / "a.rom").write_text("a")
    assert list(read_folder(folder)) == ["a.rom"]


def test_no_folder_is_no_firmware_and_a_missing_one_is_told(tmp_path: Path) -> None:
    assert read_folder(None) == {}
    with pytest.raises(BadValue, match="firmware folder"):
        read_folder(tmp_path / "nowhere")
