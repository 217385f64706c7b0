from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from doxa.backend.named.hub.listing import RemoteFile, listed

if TYPE_CHECKING:
    from pathlib import Path

    from hub_server import Hub


def test_a_repository_is_listed_at_its_commit(hub: Hub, home: Path) -> None:
    old = hub.add("me/tiny", {"a.gguf": b"1"})
    new = hub.add("me/tiny", {"a.gguf": b"12", "b/c.GGUF": b"3", "x.md": b"4"}, plain=("b/c.GGUF",))
    digest = hashlib.sha256(b"12").hexdigest()
    assert listed("me/tiny", "main") == (
        new, {"a.gguf": RemoteFile(2, digest), "b/c.GGUF": RemoteFile(1, "")},
    )  # fmt: skip
    assert listed("me/tiny", old)[1]["a.gguf"].size == 1
    ref = home / "hf" / "hub" / "models--me--tiny" / "refs" / "main"
    assert ref.read_text() == new
