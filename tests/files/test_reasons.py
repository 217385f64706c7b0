from __future__ import annotations

import pytest

from doxa.files import reason


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FileNotFoundError(2, "No such file or directory", "x"), "no such file or directory"),
        (OSError("the disk is gone"), "the disk is gone"),
        (ValueError("bad header\nset infer_schema=False"), "bad header"),
        (ValueError("\n bad \n"), "bad"),
        (ValueError(), "ValueError"),
    ],
)
def test_a_reason_is_one_line(error: Exception, said: str) -> None:
    assert reason(error) == said
