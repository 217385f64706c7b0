from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import httpx2
import pytest
from huggingface_hub import constants
from huggingface_hub.errors import (
    DisabledRepoError,
    FileMetadataError,
    HFValidationError,
    RemoteEntryNotFoundError,
)

from doxa.backend.named import locate
from doxa.backend.named.hub.trouble import UnreachableError, explained, page
from doxa.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from hub_server import Hub

ASKED = httpx2.Request("GET", "http://hub/a/b")


def test_a_gated_repository_says_how_to_get_in(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add("me/gated", {"tiny.gguf": b"GGUF"}, gated=True, readers=("hf_good",))
    accept = rf"accept its terms at {hub.address}/me/gated"
    with pytest.raises(
        ModelError, match=rf"is gated: {accept}, then .* hf auth login  or set HF_T"
    ):
        locate("hf:me/gated")
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(ModelError, match=rf"the account of your token may not read it: {accept}"):
        locate("hf:me/gated")
    monkeypatch.setenv("HF_TOKEN", "hf_good")
    assert locate("hf:me/gated").name == "tiny"


def test_a_repository_that_is_not_there_says_what_is_near(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add("me/Tiny-GGUF", {"tiny.gguf": b"GGUF"})
    locate("hf:me/Tiny-GGUF")
    wanted = r"no repository me/Tiny at .*/me/Tiny: check its name \(near it is me/Tiny-GGUF; doxa"
    with pytest.raises(ModelError, match=wanted):
        locate("hf:me/Tiny")
    monkeypatch.setenv("HF_TOKEN", "hf_any")
    with pytest.raises(ModelError, match=wanted):
        locate("hf:me/Tiny")


@pytest.mark.parametrize("answers", [0, 401, 403])
def test_a_token_that_is_refused_is_not_shown(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, answers: int
) -> None:
    hub.add("me/tiny", {"tiny.gguf": b"GGUF"})
    hub.answers = answers
    monkeypatch.setenv("HF_TOKEN", "hf_secret" if answers else "expired")
    with pytest.raises(ModelError) as raised:
        locate("hf:me/tiny")
    assert "hf auth login" in str(raised.value)
    assert "hf_secret" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_an_endpoint_that_is_no_hub_is_told(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.answers = 404
    with pytest.raises(ModelError, match="the hub answers 404: check HF_ENDPOINT"):
        locate("hf:me/tiny")
    monkeypatch.setattr(constants, "ENDPOINT", "http://[::")
    with pytest.raises(ModelError, match="cannot be reached, and the cache"):
        locate("hf:me/tiny")


def test_a_cache_that_cannot_be_written_is_told(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.add("me/tiny", {"tiny.gguf": b"GGUF"})
    (tmp_path / "file").touch()
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ModelError, match=r"the cache .*/file/cache cannot be used: .*: set HF_HOM"):
        locate("hf:me/tiny")


def test_a_hub_that_does_not_answer_in_time_is_told_and_logging_stays_as_it_was() -> None:
    log = logging.getLogger("huggingface_hub")
    before = log.level
    with pytest.raises(UnreachableError, match="does not answer in time"), explained("a/b", "main"):
        raise httpx2.ReadTimeout("late")
    assert log.level == before


def test_a_page_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "https://me:pw@mirror")
    assert page("a/b") == "https://***@mirror/a/b"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (FileMetadataError("no commit"), "does not answer as the hub does: check HF_ENDPOINT"),
        (HFValidationError("odd"), "hf:a/b is no name: write hf:owner/repository"),
        (
            RemoteEntryNotFoundError("gone", response=httpx2.Response(404, request=ASKED)),
            "hf:a/b has no file c.gguf at main: run the same again",
        ),
        (
            DisabledRepoError("off", response=httpx2.Response(403, request=ASKED)),
            "hf:a/b was disabled by its owner or the hub: take another",
        ),
    ],
)
def test_other_answers_have_their_words(error: Exception, why: str) -> None:
    with pytest.raises(ModelError, match=why), explained("a/b", "main", "c.gguf"):
        raise error
