from __future__ import annotations

import io
import random
import struct
import zipfile
from typing import TYPE_CHECKING

import pytest
from zipped import with_zstandard

from doxa.errors import FileError
from doxa.files import unpack, vanishing
from doxa.files.unpack import Archive, Limits, open_archive

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = b"country,answer\n" + b"JPN,1\n" * 5000


def make(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def bomb(path: Path, *, mebibytes: int, byte: bytes = b"0") -> Path:
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.csv", "w") as member,
    ):
        for _ in range(mebibytes):
            member.write(byte * (1 << 20))
    return path


def claim(path: Path, size: int) -> Path:
    """Make the archive claim that its one member has another size."""
    content = bytearray(path.read_bytes())
    struct.pack_into("<I", content, content.rfind(b"PK\1\2") + 24, size)
    struct.pack_into("<I", content, 22, size)
    path.write_bytes(content)
    return path


def as_zstandard(path: Path, text: bytes) -> Path:
    path.write_bytes(with_zstandard({"header.json": text}))
    return path


def whole(path: Path, name: str = "a.csv", limits: Limits = Limits()) -> bytes:  # noqa: B008
    with open_archive(path, limits) as archive:
        return archive.read(name)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_come_back_in_every_way(tmp_path: Path, method: int) -> None:
    path = make(tmp_path / "a", {"a.csv": TEXT, "folder/": b"", "b": b""}, method)
    with open_archive(path) as archive:
        assert archive.names == ("a.csv", "b")
        assert archive.claimed("a.csv") == len(TEXT)
        assert archive.read("a.csv") == TEXT
        with archive.open("a.csv") as stream:
            assert list(io.BufferedReader(stream)) == TEXT.splitlines(keepends=True)
        with archive.on_disk("a.csv") as unpacked:
            assert unpacked.read_bytes() == TEXT
        archive.check()
        with pytest.raises(FileError, match="holds no c"):
            archive.read("c")


def test_zstandard_comes_back(tmp_path: Path) -> None:
    assert whole(as_zstandard(tmp_path / "a", TEXT), "header.json") == TEXT


def _on_disk(archive: Archive) -> object:
    with archive.on_disk("a.csv") as unpacked:
        return unpacked


WAYS: dict[str, Callable[[Archive], object]] = {
    "read": lambda archive: archive.read("a.csv"),
    "on disk": _on_disk,
    "check": lambda archive: archive.check(),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("claimed", [None, 1000])
def test_an_archive_of_kilobytes_does_not_become_gigabytes(
    tmp_path: Path, way: str, claimed: int | None
) -> None:
    path = bomb(tmp_path / "a.zip", mebibytes=100)
    assert path.stat().st_size < 200_000
    if claimed is not None:
        claim(path, claimed)
    with open_archive(path) as archive, pytest.raises(FileError, match="damaged"):
        WAYS[way](archive)


def test_zstandard_is_bounded_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = as_zstandard(tmp_path / "a", b"0" * (70 << 20))
    content = bytearray(path.read_bytes())
    for start in (22, content.rfind(b"PK\1\2") + 24):
        struct.pack_into("<I", content, start, 1000)
    path.write_bytes(content)
    monkeypatch.setattr(unpack, "unpack_text", lambda _: pytest.fail("it was unpacked"))
    with pytest.raises(FileError, match="64 MiB"):
        whole(path, "header.json")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(total=1000), "unpacks to more than"),
        (Limits(member=1000), "a.csv unpacks to more than"),
        (Limits(members=1), "holds more than 1 files"),
        (Limits(seconds=-1), "takes more than -1 s"),
    ],
)
def test_each_limit_holds(tmp_path: Path, limits: Limits, said: str) -> None:
    path = make(tmp_path / "a.zip", {"a.csv": TEXT, "b.csv": TEXT})
    with pytest.raises(FileError, match=said):
        whole(path, limits=limits)


def test_all_members_count_together(tmp_path: Path) -> None:
    path = make(tmp_path / "a.zip", {f"{n}": TEXT for n in range(10)})
    limits = Limits(total=5 * len(TEXT))
    with open_archive(path, limits) as archive, pytest.raises(FileError, match="unpacks to more"):
        archive.check()


def test_a_part_that_a_parser_would_hold_whole_is_bounded(tmp_path: Path) -> None:
    long = b'<a b="' + b"x" * (5 << 20) + b'"/>'
    many = b"<a/>" * (2 << 20)
    with open_archive(make(tmp_path / "a.zip", {"long": long, "many": many})) as archive:
        with archive.open("many", longest=(b"<", 1 << 20)) as stream:
            assert stream.readall() == many
        with (
            archive.open("long", longest=(b"<", 1 << 20)) as stream,
            pytest.raises(FileError, match="goes on for more than 1 MiB without '<'"),
        ):
            stream.readall()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_other_methods_are_told_with_a_remedy(tmp_path: Path, method: int) -> None:
    with pytest.raises(FileError, match=rf"not read here \(method {method}\): unpack it"):
        whole(make(tmp_path / "a.zip", {"a.csv": TEXT}, method))


def test_an_encrypted_member_is_told_with_a_remedy(tmp_path: Path) -> None:
    path = make(tmp_path / "a.zip", {"a.csv": TEXT})
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.rfind(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    with pytest.raises(FileError, match="is encrypted: unpack it"):
        whole(path)


def test_a_list_of_members_that_is_too_long_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "_DIRECTORY", 100)
    with pytest.raises(FileError, match="list of members is too long"):
        whole(make(tmp_path / "a.zip", {f"{n}": b"" for n in range(10)}))


def test_a_full_disk_names_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.BytesIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(vanishing.tempfile, "TemporaryFile", lambda **_: _Named(Full()))
    path = make(tmp_path / "a.zip", {"a.csv": TEXT})
    with (
        pytest.raises(FileError, match=r"no space left on device.*TMPDIR"),
        open_archive(path) as archive,
    ):
        _on_disk(archive)


class _Named:
    def __init__(self, file: io.BytesIO) -> None:
        self.file = file

    def __enter__(self) -> _Named:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def fileno(self) -> int:
        return 0

    def write(self, piece: bytes) -> int:
        return self.file.write(piece)

    def flush(self) -> None:
        self.file.flush()


@pytest.mark.parametrize("seed", range(3))
def test_damage_of_any_kind_is_one_line(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    made = (
        make(tmp_path / "a.zip", {"a.csv": TEXT, "b": b"x" * 300}),
        as_zstandard(tmp_path / "b.zip", TEXT),
    )
    for path in made:
        sound = path.read_bytes()
        for _ in range(60):
            content = bytearray(sound)
            for _ in range(draw.choice((1, 2, 8))):
                content[draw.randrange(len(content))] = draw.randrange(256)
            if draw.random() < 0.3:
                del content[draw.randrange(len(content)) :]
            path.write_bytes(content)
            said = ""
            try:
                with open_archive(path) as archive:
                    for name in archive.names:
                        archive.read(name)
            except FileError as error:
                said = str(error)
            assert not said or said.startswith(f"{path}: ")
            assert "\n" not in said
