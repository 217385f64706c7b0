from __future__ import annotations

import json

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.files.zstandard import most_bytes, unpack_text

BLOCK = 1 << 17
FAR = 1 << 40


def packed(text: bytes) -> bytes:
    return bytes(pa.compress(text, codec="zstd", asbytes=True))


@given(st.binary(max_size=3000), st.integers(1, 300))
def test_the_bound_holds_and_is_near(text: bytes, times: int) -> None:
    text = text * times
    most = most_bytes(packed(text), FAR)
    assert len(text) <= most <= len(text) + BLOCK


def test_frames_follow_one_another_and_some_are_skipped() -> None:
    frame = packed(b"a" * 1000)
    skipped = (0x184D2A53).to_bytes(4, "little") + (3).to_bytes(4, "little") + b"abc"
    assert most_bytes(frame + skipped + frame, FAR) >= 2000
    assert most_bytes(b"", FAR) == 0


def test_counting_stops_above_the_limit() -> None:
    bomb = packed(b"0" * (64 << 20))
    assert len(bomb) < 10_000
    assert 1 << 20 < most_bytes(bomb, 1 << 20) <= (1 << 20) + BLOCK


@pytest.mark.parametrize("keep", range(1, 60, 3))
def test_a_frame_cut_short_is_told(keep: int) -> None:
    frame = packed(bytes(range(256)) * 4)
    with pytest.raises(ValueError, match="Zstandard"):
        most_bytes(frame[: min(keep, len(frame) - 1)], FAR)


@given(st.binary(max_size=60))
def test_any_bytes_are_counted_or_told(data: bytes) -> None:
    for start in (b"", b"\x28\xb5\x2f\xfd"):
        try:
            assert most_bytes(start + data, 1 << 30) >= 0
        except ValueError:
            continue


def test_text_comes_back_to_the_byte() -> None:
    text = json.dumps({"a": "\u2028é\n x", "b": [1, 2]}, indent=1, ensure_ascii=False).encode()
    for one in (text, b"  \r\n " + text + b"\n\n"):
        assert unpack_text(packed(one)) == one


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\x01b", b"a\x02b"])
def test_what_is_not_text_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        unpack_text(packed(content))
