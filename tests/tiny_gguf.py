"""Tiny llama-architecture GGUF files, written for tests.

Two models. `write_bigram` makes one whose next-token logits are a row of a table chosen by
the last token, so the exact probability of any text is known. `write_random` makes one with
random weights, whose logits depend on the whole prompt. Both can have a byte-level
vocabulary (every byte a token, plus chosen merged pieces) or a SentencePiece one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import gguf
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SPECIAL = ("<|end|>", "<|im_start|>", "<|im_end|>")
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n"
    "{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True)
class Words:
    """A vocabulary: texts, kinds, and for byte-level ones the merges."""

    texts: list[str]
    kinds: list[int]
    merges: list[str] | None
    scores: list[float] | None

    @property
    def size(self) -> int:
        return len(self.texts)


def _visible_bytes() -> dict[int, str]:
    """Return GPT-2's printable stand-in for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = (byte for byte in range(256) if byte not in plain)
    return {byte: chr(byte) for byte in plain} | {
        byte: chr(256 + index) for index, byte in enumerate(others)
    }


def byte_words(merged: Sequence[str] = ("th",), marks: Sequence[str] = ()) -> Words:
    """Return a byte-level vocabulary in which each of `merged` (two bytes) is one token.

    So is each of `marks`, a control token like those of `SPECIAL`.
    """
    visible = _visible_bytes()
    pairs = [tuple(visible[byte] for byte in text.encode()) for text in merged]
    texts = [*SPECIAL, *(visible[byte] for byte in range(256)), *map("".join, pairs), *marks]
    kinds = [int(gguf.TokenType.CONTROL)] * len(SPECIAL)
    kinds += [int(gguf.TokenType.NORMAL)] * (len(texts) - len(SPECIAL) - len(marks))
    kinds += [int(gguf.TokenType.CONTROL)] * len(marks)
    return Words(texts, kinds, [" ".join(pair) for pair in pairs], None)


def sentencepiece_words() -> Words:
    """Return a SentencePiece vocabulary of single characters with byte fallback."""
    letters = ["▁", *(chr(code) for code in range(33, 127))]
    texts = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), *letters]
    kind = gguf.TokenType
    kinds = [kind.UNKNOWN, kind.CONTROL, kind.CONTROL, *[kind.BYTE] * 256]
    kinds += [kind.NORMAL] * len(letters)
    scores = [0.0] * 259 + [-float(rank) for rank in range(len(letters))]
    return Words(texts, [int(one) for one in kinds], None, scores)


def write_bigram(
    path: Path,
    table: NDArray[np.float32],
    words: Words,
    *,
    chat: bool | str = True,
    context: int = 4096,
) -> None:
    """Write a model whose logits after a token are that token's row of `table`.

    The embedding is one-hot, attention and feed-forward add nothing, and the norm scales a
    one-hot vector of width d by the root of d, which the output matrix takes back.
    """
    width = -(-words.size // 64) * 64
    embedding = np.zeros((words.size, width), np.float32)
    embedding[np.arange(words.size), np.arange(words.size)] = 1
    output = np.zeros((words.size, width), np.float32)
    output[:, : words.size] = table.T / np.sqrt(width)
    zero = {name: np.zeros(shape, np.float32) for name, shape in _block_shapes(width, 32).items()}
    _write(
        path, "bigram", words, embedding, output, [zero], width // 64, chat=chat, context=context
    )


def write_random(
    path: Path,
    words: Words,
    *,
    chat: bool | str = True,
    context: int = 4096,
    seed: int = 0,
    norm: float = 1,
) -> None:
    """Write a model of two layers with random weights; `norm` scales the scores of tokens."""
    random = np.random.default_rng(seed)
    width, inner = 64, 128

    def draw(rows: int, columns: int) -> NDArray[np.float32]:
        return random.normal(0, columns**-0.5, (rows, columns)).astype(np.float32)

    blocks = [
        {name: draw(*shape) for name, shape in _block_shapes(width, inner).items()}
        for _ in range(2)
    ]
    embedding = random.normal(0, 0.5, (words.size, width)).astype(np.float32)
    output = random.normal(0, 0.25, (words.size, width)).astype(np.float32)
    _write(
        path, "random", words, embedding, output, blocks, 4, chat=chat, context=context, norm=norm
    )


def _block_shapes(width: int, inner: int) -> dict[str, tuple[int, int]]:
    square = (width, width)
    return {
        "attn_q": square,
        "attn_k": square,
        "attn_v": square,
        "attn_output": square,
        "ffn_gate": (inner, width),
        "ffn_up": (inner, width),
        "ffn_down": (width, inner),
    }


def add_words(writer: gguf.GGUFWriter, words: Words, *, chat: bool | str) -> None:
    """Add a vocabulary, and a chat template, to the header of a file."""
    writer.add_vocab_size(words.size)
    writer.add_token_list(words.texts)
    writer.add_token_types(words.kinds)
    if words.merges is None:
        writer.add_tokenizer_model("llama")
        writer.add_token_scores(words.scores)
        writer.add_bos_token_id(1)
        writer.add_eos_token_id(2)
        writer.add_unk_token_id(0)
        writer.add_add_bos_token(True)
    else:
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre("gpt-2")
        writer.add_token_merges(words.merges)
        writer.add_bos_token_id(0)
        writer.add_eos_token_id(2)
        writer.add_add_bos_token(False)
    if chat:
        writer.add_chat_template(CHAT if chat is True else chat)


def _write(
    path: Path,
    name: str,
    words: Words,
    embedding: NDArray[np.float32],
    output: NDArray[np.float32],
    blocks: Sequence[dict[str, NDArray[np.float32]]],
    heads: int,
    *,
    chat: bool | str,
    context: int,
    norm: float = 1,
) -> None:
    width = embedding.shape[1]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(f"tiny-{name}")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(len(blocks))
    writer.add_feed_forward_length(blocks[0]["ffn_up"].shape[0])
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(width // heads)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    add_words(writer, words, chat=chat)
    ones = np.ones(width, np.float32)
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.full(width, norm, np.float32))
    for index, block in enumerate(blocks):
        writer.add_tensor(f"blk.{index}.attn_norm.weight", ones)
        writer.add_tensor(f"blk.{index}.ffn_norm.weight", ones)
        for tensor, values in block.items():
            writer.add_tensor(f"blk.{index}.{tensor}.weight", values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
