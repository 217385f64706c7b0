"""Logs of Inspect: one JSON document, or a zip archive with a header and one file a sample.

A sample names its item by its `id` or in `metadata` (see `doxa.recorded.documents`); `metadata` may
also give language, steering and country. With `choices`, each sample is one choice: the letter that
a scorer took as the answer or, without scorers, the letter after "ANSWER:". Without `choices`, the
reply is an object of shares over the survey's codes. Epochs become draws.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from doxa.elicit.parse import parse_shares
from doxa.errors import RecordingError
from doxa.files.unpack import Limits, open_archive
from doxa.harness.key import NAME
from doxa.outside.documents import json_of
from doxa.recorded.documents import item_of, way_of
from doxa.recorded.entries import codes_of_options, kept, replies_of
from doxa.recorded.own_answers import answers_of_sample
from doxa.recorded.own_key import Asked, asked_of, read_asked
from doxa.recorded.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from doxa.questionnaire import QuestionBank

__all__ = ["NEEDS", "read_inspect", "unpack"]

NEEDS: Final = frozenset({"eval", "samples"})

# one sample is held at a time; in memory it takes up to 24 times its text
_LIMITS: Final = Limits(member=64 << 20)
_ANSWER: Final = re.compile(r"ANSWER\s*:\s*\(?([A-Za-z])\b", re.IGNORECASE)


def unpack(file: Path) -> dict[str, Any]:
    """Read an archive as one document, whose samples are unpacked one by one as they are read.

    Raises
    ------
    FileError, ValueError
        The archive is damaged or holds something else.
    """
    with open_archive(file, _LIMITS) as archive:
        if "header.json" not in archive.names:
            raise ValueError("an archive without header.json: the evaluation was not finished")
        header = _object(json_of(archive.read("header.json")), str(file), "header.json")
    return {**header, "samples": _unpacked(file)}


def _unpacked(file: Path) -> Iterator[Any]:
    with open_archive(file, _LIMITS) as archive:
        for name in archive.names:
            if name.startswith("samples/") and name.endswith(".json"):
                yield json_of(archive.read(name))


def read_inspect(
    document: Mapping[str, Any], name: str, bank: QuestionBank, targets: Collection[str] | None
) -> Recording:
    """Read a log.

    Raises
    ------
    RecordingError
        A sample lacks a field, or names an unknown item, option or country.
    """
    header = _object(document["eval"], name, "eval")
    samples = document["samples"] or []
    if isinstance(samples, str | Mapping) or not isinstance(samples, Iterable):
        raise RecordingError(f"{name}: samples are not a list: is it a log of Inspect?")
    model = str(header.get("model") or name)
    samples = iter(samples)
    first = next(samples, None)
    samples = samples if first is None else chain([first], samples)
    if isinstance(first, dict) and NAME in _object(first.get("metadata"), name, "metadata"):
        asked = _own(samples, name)
        return read_asked(
            asked, model=model, name=name, program="inspect", bank=bank, targets=targets
        )
    rows = []
    names = []
    for number, sample in enumerate(samples, start=1):
        place = f"{name}, sample {number}"
        sample = _object(sample, place, "the sample")
        metadata = _object(sample.get("metadata"), place, "metadata")
        question = item_of({"id": sample.get("id")} | metadata, place, bank)
        names.append(question)
        if question is None:
            continue
        way = way_of(metadata, place)
        rows.append(
            {"model": model, "question": question}
            | way
            | _reply(sample, question, way["language"], place, bank)
            | _thought(sample.get("output"))
        )
    frame, unknown = kept(rows, names, targets, name, bank)
    return Recording(
        replies=replies_of(frame, name, bank, backend="inspect"),
        provenance={f"replies of {model}": f"log of Inspect, {header.get('task')}"},
        left_out=unknown,
    )


def _own(samples: Iterable[Any], name: str) -> Iterator[Asked]:
    """Yield the rows of a log of tasks that doxa wrote."""
    for number, sample in enumerate(samples, start=1):
        place = f"{name}, sample {number}"
        sample = _object(sample, place, "the sample")
        metadata = _object(sample.get("metadata"), place, "metadata")
        sent = _object(metadata.get("sent"), place, "sent")
        key, prompt = asked_of(metadata, place, sent)
        yield Asked(key, prompt, answers_of_sample(sample, key))


def _object(value: object, place: str, what: str) -> dict[str, Any]:
    """Read an object that may be left out."""
    if value is None or isinstance(value, dict):
        return value or {}
    raise RecordingError(f"{place}: {what} is not an object: is it a log of Inspect?")


def _reply(
    sample: Mapping[str, Any], question: str, language: str, place: str, bank: QuestionBank
) -> dict[str, Any]:
    choices = sample.get("choices")
    text = _text(sample.get("output"))
    codes = bank.items[question].scale.all_codes
    if sample.get("error") or text is None:
        return _read("sampling" if choices else "verbalized", "error", None, text or "")
    if not choices:
        found = parse_shares(text, [str(code) for code in codes])
        shares = [found.shares[str(code)] for code in codes] if found.shares else None
        return _read("verbalized", found.status, shares, text)
    if not isinstance(choices, list):
        raise RecordingError(f"{place}: choices are not a list: is it a log of Inspect?")
    options = codes_of_options(list(map(str, choices)), question, language, bank, place)
    letter = _letter(sample.get("scores"), text)
    position = string.ascii_uppercase.index(letter) if letter else len(options)
    if position >= len(options):
        return _read("sampling", "unparsable" if text.strip() else "refused", None, text)
    chosen = options[position]
    return _read("sampling", "ok", [float(code == chosen) for code in codes], text)


def _read(elicitation: str, status: str, shares: list[float] | None, text: str) -> dict[str, Any]:
    return {
        "elicitation": elicitation, "status": status, "probabilities": shares,
        "off_option_mass": None, "text": text,
    }  # fmt: skip


def _text(output: object) -> str | None:
    """Find the text that the model wrote, as one text or as a list of parts; None if none is there.

    Inspect writes `output.choices[0].message.content`; whatever lies elsewhere is no reply.
    """
    match output:
        case {"choices": [{"message": {"content": str(content)}}, *_]}:
            return content
        case {"choices": [{"message": {"content": [*parts]}}, *_]}:
            return "".join(str(part.get("text", "")) for part in parts if isinstance(part, dict))
        case {"choices": [_, *_], "completion": str(content)}:
            return content
        case _:
            return None


def _thought(output: object) -> dict[str, str]:
    """Find what the model thought, which Inspect keeps in parts of their own."""
    match output:
        case {"choices": [{"message": {"content": [*parts]}}, *_]}:
            texts = [part.get("reasoning") for part in parts if isinstance(part, dict)]
            thought = "\n".join(text for text in texts if isinstance(text, str))
        case _:
            thought = ""
    return {"thought": thought, "thought_status": "closed" if thought else "unknown"}


def _letter(scores: object, text: str) -> str:
    """Find the letter of the answer; "" if there is none."""
    for score in scores.values() if isinstance(scores, dict) else ():
        answer = str(score.get("answer") or "") if isinstance(score, dict) else ""
        letter = answer.strip().upper()
        if len(letter) == 1 and letter in string.ascii_uppercase:
            return letter
    found = _ANSWER.search(text)
    return found[1].upper() if found else ""
