from __future__ import annotations

import errno
import mmap
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doxa.files import network
from doxa.files.network import network_file_system, unfit

MAC = """\
/dev/disk3s1s1 on / (apfs, sealed, local, read-only, journaled)
devfs on /dev (devfs, local, nobrowse)
/dev/disk3s5 on /System/Volumes/Data (apfs, local, journaled, nobrowse)
map auto_home on /System/Volumes/Data/home (autofs, automounted, nobrowse)
//me@server/our%20share on /Volumes/our share (smbfs, nodev, nosuid, mounted by me)
server:/export on on /private/nfs (nfs, nodev, nosuid, automounted)
me@host:/data on /Volumes/host (macfuse, nodev, nosuid, synchronous, mounted by me)
"""


def mounted(monkeypatch: pytest.MonkeyPatch, lines: str) -> None:
    read = Path.read_text
    monkeypatch.setattr(
        Path,
        "read_text",
        lambda file, **kinds: lines if file.name == "mountinfo" else read(file, **kinds),
    )


@pytest.mark.parametrize(
    ("kind", "known"),
    [
        *((kind, True) for kind in ("nfs", "nfs4", "lustre", "gpfs", "cifs", "smb3", "9p")),
        *((kind, True) for kind in ("fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse", "fuse")),
        *((kind, False) for kind in ("ext4", "xfs", "tmpfs", "overlay", "zfs", "fuseblk")),
        ("fuse.fuse-overlayfs", False),
    ],
)
def test_kinds_of_network_file_systems_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, known: bool
) -> None:
    home = os.fspath(tmp_path).replace(" ", "\\040")
    mounted(
        monkeypatch,
        "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
        f"23 22 0:9 / {home} rw shared:1 - {kind} server:/home rw,vers=4.2\n"
        f"24 23 0:9 / {home}/scratch\\0401 rw - xfs /dev/sdb rw\n",
    )
    assert network_file_system(tmp_path / "run") == (kind if known else "")
    assert network_file_system(tmp_path / "scratch 1" / "run") == ""
    assert network_file_system(Path("/")) == ""
    folder = tmp_path / "new"
    assert unfit(folder) == (f"on a network file system ({kind})" if known else "")
    # nothing is written before the kind is known
    assert folder.exists() is not known


def test_what_is_mounted_over_a_place_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounted(
        monkeypatch,
        f"1 1 8:1 / / rw - ext4 a rw\n2 1 0:9 / {tmp_path} rw - autofs b rw\n"
        f"3 2 0:9 / {tmp_path} rw - nfs4 c rw\n",
    )
    assert network_file_system(tmp_path / "run") == "nfs4"


def test_the_file_systems_of_a_mac_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(
        subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 0, stdout=MAC)
    )
    for place, kind in (
        ("/Users/me/runs", ""),
        ("/System/Volumes/Data/home/x", ""),
        ("/Volumes/our share/runs", "smbfs"),
        ("/private/nfs/x", "nfs"),
        ("/Volumes/host", "macfuse"),
        ("/Volumes/hosts", ""),
    ):
        assert network_file_system(Path(place)) == kind, place
    monkeypatch.setattr(subprocess, "run", _fails)
    assert network_file_system(Path("/private/nfs/x")) == ""


def _fails(*_: object, **__: object) -> None:
    raise subprocess.TimeoutExpired("mount", 10)


def test_a_folder_is_tried_whatever_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unfit(tmp_path / "a" / "b") == ""
    assert list((tmp_path / "a" / "b").iterdir()) == []
    with monkeypatch.context() as patch:
        patch.setattr("fcntl.lockf", lambda *_: None)
        assert unfit(tmp_path) == "in a folder where locks do not work"
    with monkeypatch.context() as patch:
        patch.setattr(network.mmap, "mmap", _no_memory)
        assert unfit(tmp_path) == "in a folder whose files cannot be shared in memory"
    with monkeypatch.context() as patch:
        # each mapping is a copy of its own, as where two machines map one file
        real = mmap.mmap
        patch.setattr(
            network.mmap, "mmap", lambda file, size: real(file, size, flags=mmap.MAP_PRIVATE)
        )
        assert unfit(tmp_path) == "in a folder whose files cannot be shared in memory"
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        unfit(tmp_path / "file" / "run")


def _no_memory(*_: object) -> None:
    raise OSError(errno.ENODEV, "No such device")
