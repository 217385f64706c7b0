"""Logs of Inspect: one JSON document, or a zip archive with a header and one file a sample.

A sample names its item by its `id` or in `metadata` (see `doxa.recorded.documents`); `metadata` may
also give language, steering and country. With `choices`, each sample is one choice: the letter that
a scorer took as the answer or, without scorers, the letter after "ANSWER:". Without `choices`, the
reply is an object of shares over the survey's codes. Epochs become draws.
"""

from __future__ import annotations

import json
import re
import string
from typing import TYPE_CHECKING, Any, Final

from doxa.elicit.parse import parse_shares
from doxa.files.unpack import Limits, open_archive
from doxa.recorded.documents import item_of, way_of
from doxa.recorded.entries import codes_of_options, kept, replies_of
from doxa.recorded.recording import Recording

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from doxa.questionnaire import QuestionBank

__all__ = ["NEEDS", "read_inspect", "unpack"]

NEEDS: Final = frozenset({"eval", "samples"})

# A document in memory takes up to 24 times its text.
_LIMITS: Final = Limits(total=1 << 30, member=64 << 20)
_ANSWER: Final = re.compile(r"ANSWER\s*:\s*\(?([A-Za-z])\b", re.IGNORECASE)


def unpack(file: Path) -> dict[str, Any]:
    """Join the parts of an archive into one document.

    Raises
    ------
    FileError, ValueError
        The archive is damaged or holds something else.
    """
    with open_archive(file, _LIMITS) as archive:
        if "header.json" not in archive.names:
            raise ValueError("an archive without header.json: the evaluation was not finished")
        document: dict[str, Any] = json.loads(archive.read("header.json"))
        samples = [
            name for name in archive.names if name.startswith("samples/") and name.endswith(".json")
        ]
        return document | {"samples": [json.loads(archive.read(name)) for name in samples]}


def read_inspect(
    document: Mapping[str, Any], name: str, bank: QuestionBank, targets: Collection[str] | None
) -> Recording:
    """Read a log.

    Raises
    ------
    RecordingError
        A sample lacks a field, or names an unknown item, option or country.
    """
    model = str(document["eval"].get("model") or name)
    rows = []
    names = []
    for number, sample in enumerate(document["samples"] or [], start=1):
        place = f"{name}, sample {number}"
        metadata = sample.get("metadata") or {}
        question = item_of({"id": sample.get("id")} | metadata, place, bank)
        names.append(question)
        if question is None:
            continue
        rows.append(
            {"model": model, "question": question}
            | way_of(metadata, place)
            | _reply(sample, question, place, bank)
        )
    frame, unknown = kept(rows, names, targets, name, bank)
    return Recording(
        replies=replies_of(frame, name, bank, backend="inspect"),
        provenance={f"replies of {model}": f"log of Inspect, {document['eval'].get('task')}"},
        left_out=unknown,
    )


def _reply(
    sample: Mapping[str, Any], question: str, place: str, bank: QuestionBank
) -> dict[str, Any]:
    output = sample.get("output") or {}
    text = _text(output)
    codes = bank.items[question].scale.all_codes
    if sample.get("error") or not output.get("choices"):
        return _read("sampling" if sample.get("choices") else "verbalized", "error", None, text)
    if not sample.get("choices"):
        found = parse_shares(text, [str(code) for code in codes])
        shares = [found.shares[str(code)] for code in codes] if found.shares else None
        return _read("verbalized", found.status, shares, text)
    language = str((sample.get("metadata") or {}).get("language") or "en")
    options = codes_of_options(sample["choices"], question, language, bank, place)
    letter = _letter(sample.get("scores") or {}, text)
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


def _text(output: Mapping[str, Any]) -> str:
    """Find the text that the model wrote, as one text or as a list of parts."""
    choices = output.get("choices") or [{}]
    content = (choices[0].get("message") or {}).get("content", output.get("completion") or "")
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return str(content)


def _letter(scores: Mapping[str, Any], text: str) -> str:
    """Find the letter of the answer; "" if there is none."""
    for score in scores.values():
        answer = str((score or {}).get("answer") or "").strip().upper()
        if len(answer) == 1 and answer in string.ascii_uppercase:
            return answer
    found = _ANSWER.search(text)
    return found[1].upper() if found else ""
