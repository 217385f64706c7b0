"""Feed what other programs write to doxa's readers, guided by coverage.

Run `make fuzz`. Whatever the bytes say, a reader returns or raises one of doxa's own errors, whose
message is one line. An input that breaks this is written to `fuzz/found/`.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["doxa", "zipfile", "json"]):
    from doxa.elicit.parse import parse_choice, parse_shares
    from doxa.errors import DoxaError
    from doxa.questionnaire import QuestionBank
    from doxa.recorded import read_recording

BANK = QuestionBank.load()
FILE = Path(tempfile.mkdtemp(prefix="doxa-fuzz-"), "input")


def reply(data: bytes) -> None:
    """Read a model's reply; the first byte says how many options it was shown."""
    text = data[1:].decode("utf-8", "surrogateescape")
    labels = [str(number) for number in range(1, 2 + (data[0] if data else 0) % 11)]
    shares = parse_shares(text, labels)
    assert (shares.status == "ok") == bool(shares.shares)
    if shares.shares:
        assert list(shares.shares) == labels
        assert all(0 <= share <= 1 for share in shares.shares.values())
        assert abs(sum(shares.shares.values()) - 1) < 1e-9
    for complete in (True, False):
        choice = parse_choice(text, labels, complete=complete)
        assert (choice.status == "ok") == (choice.label in labels)


def recorded(data: bytes) -> None:
    """Read a log of another program."""
    FILE.write_bytes(data)
    read_recording(FILE, bank=BANK)


def refuse_or_return(data: bytes) -> None:
    """Read the bytes; only doxa's own errors may come."""
    said = ""
    try:
        TARGET(data)
    except DoxaError as error:
        said = str(error)
    assert "\n" not in said


TARGET = {"reply": reply, "recorded": recorded}[sys.argv.pop(1)]
warnings.simplefilter("error")
atheris.Setup(sys.argv, refuse_or_return)
atheris.Fuzz()
