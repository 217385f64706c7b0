from __future__ import annotations

import random
import struct
import time
from typing import TYPE_CHECKING, Any

import gguf
import numpy as np
import pytest
from tiny_gguf import CHAT
from tiny_models import bigram, random_model

from doxa.backend.header import HeaderError, read_header
from doxa.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write(path: Path, fill: Callable[[gguf.GGUFWriter], object], architecture: str = "x") -> Path:
    writer = gguf.GGUFWriter(path, architecture)
    fill(writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize("file", [bigram(), bigram("pieces"), random_model(chat=False)])
def test_a_header_says_what_an_independent_reader_finds(file: Path) -> None:
    header, reader = read_header(file), gguf.GGUFReader(file)
    single = {
        name: field.contents()
        for name, field in reader.fields.items()
        if field.types[:1] != [gguf.GGUFValueType.ARRAY] and not name.startswith("GGUF.")
    }
    assert header.values == pytest.approx(single)
    assert header.tensors == len(reader.tensors)
    assert header.parameters == sum(int(tensor.n_elements) for tensor in reader.tensors)
    assert header.architecture == "llama"
    assert header.context_length == 4096
    assert header.quantization == "F32"
    assert header.chat_template == (CHAT if file != random_model(chat=False) else "")


def test_every_kind_of_value_and_of_list_is_read_or_skipped(tmp_path: Path) -> None:
    def fill(writer: gguf.GGUFWriter) -> None:
        for kind in ("uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"):
            getattr(writer, f"add_{kind}")(f"a.{kind}", 7)
        writer.add_float32("a.float32", 0.5)
        writer.add_float64("a.float64", 0.25)
        writer.add_bool("a.bool", True)
        writer.add_array("a.numbers", [1, 2, 3])
        writer.add_array("a.words", ["", "one", "zwei"])
        writer.add_string("a.after", "ü")

    header = read_header(write(tmp_path / "a.gguf", fill))
    assert header.values["a.after"] == "ü"
    assert header.values["a.bool"] is True
    assert [header.values[f"a.{kind}"] for kind in ("int8", "float32", "float64")] == [7, 0.5, 0.25]
    assert "a.numbers" not in header.values
    assert (header.tensors, header.parameters) == (0, 0)


@pytest.mark.parametrize("kind", sorted(gguf.LlamaFileType))
def test_quantisations_have_the_names_that_the_format_gives_them(
    tmp_path: Path, kind: gguf.LlamaFileType
) -> None:
    header = read_header(write(tmp_path / "a.gguf", lambda writer: writer.add_file_type(kind)))
    expected = kind.name.removeprefix("ALL_").removeprefix("MOSTLY_").removesuffix("_MOE")
    assert header.quantization == ("" if expected == "GUESSED" else expected)


def test_a_token_that_looks_like_a_key_is_seen_through(tmp_path: Path) -> None:
    """The vocabulary is jumped over; a word in it that reads like what follows must not count."""
    key = "general.name"
    odd = struct.pack("<Q", len(key)).decode() + key + struct.pack("<IQ", 8, 2).decode() + "no"

    def fill(writer: gguf.GGUFWriter) -> None:
        writer.add_array("tokenizer.ggml.tokens", [*("b" * n for n in range(50)), odd])
        writer.add_string(key, "yes")
        writer.add_string("tokenizer.chat_template", CHAT)

    def fill_whole(writer: gguf.GGUFWriter) -> None:
        fill(writer)
        writer.add_tensor("token_embd.weight", np.zeros((2, 32), np.float32))

    for filling in (fill, fill_whole):
        header = read_header(write(tmp_path / "a.gguf", filling))
        assert header.values[key] == "yes"
        assert header.chat_template == CHAT


def test_what_is_no_gguf_file_of_these_days_is_told(tmp_path: Path) -> None:
    file = tmp_path / "a.gguf"
    for content, why in (
        (b"", "not a GGUF file"),
        (b"PK\3\4 and so on", r"not a GGUF file \(it begins with b'PK"),
        (b"GGUF" + struct.pack("<I", 1), r"not of today's format \(version 1\); download it"),
        (b"GGUF" + struct.pack(">I", 3), r"not of today's format \(big-endian numbers\)"),
        (b"GGUF" + struct.pack("<I", 3), r"its header is damaged \(it ends too early\); download"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1, 2**63), r"damaged \(9223372036854775808 values, 1 t"),
    ):
        file.write_bytes(content)
        with pytest.raises(HeaderError, match=why):
            read_header(file)


def test_a_file_that_is_cut_off_is_damaged(tmp_path: Path) -> None:
    content = bigram().read_bytes()
    file = tmp_path / "a.gguf"
    end = content.index(b"token_embd.weight")
    for length in (*range(8, 200, 7), *range(200, end, 499), end + 20, len(content) // 2):
        file.write_bytes(content[:length])
        with pytest.raises(
            HeaderError, match=r"its header is damaged \(it ends too early\)"
        ) as cut:
            read_header(file)
        assert str(file) in str(cut.value)
        assert str(file) not in cut.value.why
    with pytest.raises(ModelError, match="cannot be read"):
        read_header(tmp_path / "none.gguf")


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (16, 0xFFFFFFFF, "4294967295 values, 12 tensors"),
        (24, 0xFFFFFFFF, "it ends too early"),
        (52, 99, "the unknown kind 99"),
    ],
)
def test_a_damaged_header_is_told(place: int, value: int, told: str, tmp_path: Path) -> None:
    data = bytearray(bigram().read_bytes())
    data[place : place + 4] = struct.pack("<I", value)
    file = tmp_path / "damaged.gguf"
    file.write_bytes(data)
    with pytest.raises(HeaderError, match=told):
        read_header(file)


def test_damage_is_told_in_time(tmp_path: Path) -> None:
    content, file, draw = bigram().read_bytes()[:20_000], tmp_path / "a.gguf", random.Random(1)
    outcomes: dict[str, int] = {}
    started = time.monotonic()
    for _ in range(300):
        damaged = bytearray(content)
        at = draw.randrange(8, 8000)
        size = draw.choice((0, 1, 2**31, 2**40, 2**63 - 1, 2**64 - 1))
        damaged[at : at + 8] = struct.pack("<Q", size)
        file.write_bytes(damaged)
        try:
            found: Any = read_header(file)
        except HeaderError as error:
            found = error
        outcomes[type(found).__name__] = outcomes.get(type(found).__name__, 0) + 1
    assert outcomes["HeaderError"] > 100
    assert time.monotonic() - started < 30
