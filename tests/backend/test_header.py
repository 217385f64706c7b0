from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import gguf
import pytest
from tiny_gguf import CHAT
from tiny_models import bigram

from doxa.backend.header import read_header
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path


def test_values_of_every_kind_are_read_and_lists_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    writer = gguf.GGUFWriter(file, "llama")
    expected: dict[str, object] = {"general.architecture": "llama"}
    kinds = gguf.GGUFValueType
    for kind, value in {
        kinds.UINT8: 200, kinds.INT8: -3, kinds.UINT16: 60000, kinds.INT16: -3, kinds.BOOL: False,
        kinds.UINT32: 2**32 - 1, kinds.INT32: -3, kinds.FLOAT32: 0.5, kinds.UINT64: 2**64 - 1,
        kinds.INT64: -(2**40), kinds.FLOAT64: 1e300, kinds.STRING: "ünï",
    }.items():  # fmt: skip
        writer.add_key_value(f"x.{kind.name}", value, kind)
        expected[f"x.{kind.name}"] = value
    writer.add_array("x.texts", ["a", "", "ö"])
    writer.add_array("x.numbers", [1, 2, 3])
    writer.add_string("last", "one")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    assert read_header(file) == {**expected, "last": "one"}


def test_the_header_of_a_model_is_that_of_the_package_gguf() -> None:
    found = read_header(bigram())
    assert found["tokenizer.chat_template"] == CHAT
    assert found["llama.context_length"] == 4096
    fields = gguf.GGUFReader(bigram()).fields.values()
    scalars = {f.name for f in fields if f.types[0] != gguf.GGUFValueType.ARRAY}
    assert set(found) == {name for name in scalars if not name.startswith("GGUF.")}


def test_wherever_a_header_ends_is_told_in_one_line(tmp_path: Path) -> None:
    whole = bigram().read_bytes()
    end = whole.index(b"token_embd.weight")
    file = tmp_path / "cut.gguf"
    for length in (*range(4, 200, 7), *range(200, end - 200, 499)):
        file.write_bytes(whole[:length])
        with pytest.raises(ModelError, match="its header is damaged") as caught:
            read_header(file)
        assert str(file) in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((4, 1), "version 1"),
        ((4, 0x03000000), "version 50331648"),
        ((16, 0xFFFFFFFF), "it ends too early"),
        ((24, 0xFFFFFFFF), "it ends too early"),
        ((52, 99), "the unknown kind 99"),
    ],
)
def test_a_damaged_header_is_told(change: tuple[int, int], told: str, tmp_path: Path) -> None:
    place, value = change
    data = bytearray(bigram().read_bytes())
    data[place : place + 4] = struct.pack("<I", value)
    file = tmp_path / "damaged.gguf"
    file.write_bytes(data)
    with pytest.raises(ModelError, match=told):
        read_header(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        read_header(tmp_path / "none.gguf")
