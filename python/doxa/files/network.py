"""Folders whose files another machine may write, or where locks or shared memory do not work."""

from __future__ import annotations

import mmap
import os
import re
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from doxa.files.lock import require_locks

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["network_file_system", "unfit"]

_NETWORK: Final = {
    *("9p", "acfs", "afpfs", "afs", "beegfs", "beegfs_nodev", "ceph", "cifs", "coda", "cvfs"),
    *("dvs", "gfs", "gfs2", "glusterfs", "gpfs", "lustre", "ncpfs", "nfs", "nfs3", "nfs4"),
    *("ocfs2", "orangefs", "panfs", "prl_fs", "pvfs2", "smb2", "smb3", "smbfs", "vboxsf"),
    *("virtiofs", "webdav", "wekafs"),
}
_ON_A_DISK: Final = {
    *("fuse.ecryptfs", "fuse.encfs", "fuse.exfat", "fuse.fuse-overlayfs", "fuse.gocryptfs"),
    *("fuse.ntfs", "fuse.ntfs-3g", "fuseblk"),
}
"""What is known to be on a disk of this machine, of the file systems that programs make."""
_MOUNT: Final = re.compile(r"^.*? on (?P<place>/.*) \((?P<kind>[^(),]+)[^()]*\)$")
_SIZE: Final = 4096


def network_file_system(path: Path) -> str:
    """Return the kind of the network file system that a path is on; "" for a disk's, or if unknown.

    A file system that a program makes (FUSE) counts as one, unless it is known to be on a disk:
    the program may get its files from anywhere.

    Parameters
    ----------
    path : pathlib.Path
        A file or folder, which need not exist; nothing is written.

    Examples
    --------
    >>> network_file_system(Path("/proc"))
    ''
    """
    place = Path(os.path.realpath(path))
    with suppress(OSError):
        place.stat()  # a place that is mounted when it is asked for is mounted now
    found, kind = -1, ""
    for name, its_kind in _mounts():
        # the last one of a name lies over those before it
        if len(name) >= found and place.is_relative_to(name):
            found, kind = len(name), its_kind
    made = kind.split(".")[0] in ("fuse", "macfuse", "osxfuse") and kind not in _ON_A_DISK
    return kind if kind in _NETWORK or made else ""


def unfit(folder: Path) -> str:
    """Return why a database cannot work in a folder; "" if it can.

    Parameters
    ----------
    folder : pathlib.Path
        A folder; it is made if it is on no network file system.

    Raises
    ------
    OSError
        The folder cannot be made or written.
    """
    kind = network_file_system(folder)
    if kind:
        return f"on a network file system ({kind})"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
    try:
        require_locks(folder)
    except OSError:
        return "in a folder where locks do not work"
    return "" if _shares_memory(folder) else "in a folder whose files cannot be shared in memory"


def _shares_memory(folder: Path) -> bool:
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".doxa-memory-") as probe:
        probe.truncate(_SIZE)
        try:
            with open(probe.name, "rb+") as again:  # noqa: PTH123
                one, other = (mmap.mmap(file.fileno(), _SIZE) for file in (probe, again))
                with one, other:
                    one[:4] = b"doxa"
                    return other[:4] == b"doxa"
        except OSError:
            return False


def _mounts() -> Iterator[tuple[str, str]]:
    """Yield the place and the kind of every file system of this machine."""
    with suppress(OSError, subprocess.SubprocessError):
        if sys.platform == "darwin":
            done = subprocess.run(
                ["/sbin/mount"], capture_output=True, text=True, timeout=10, check=True
            )
            yield from _of_mac(done.stdout)
        else:
            for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines():
                mount, _, rest = line.partition(" - ")
                name = mount.split()[4].encode().decode("unicode_escape").encode("latin-1").decode()
                yield name, rest.split()[0]


def _of_mac(said: str) -> Iterator[tuple[str, str]]:
    """Read what macOS's `mount` says."""
    for line in said.splitlines():
        found = _MOUNT.match(line)
        if found:
            yield found["place"], found["kind"]
