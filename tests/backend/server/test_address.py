"""Addresses and keys: what identifies a server, what is secret, and what is refused unseen."""

from __future__ import annotations

import pytest

from doxa.backend.server.address import Address
from doxa.errors import InvalidArgumentError, ModelError


@pytest.mark.parametrize(
    ("server", "public"),
    [
        ("http://localhost:8080/v1", "http://localhost:8080/v1/"),
        ("http://localhost:8080/v1/", "http://localhost:8080/v1/"),
        ("https://me:hunter2@host/v1?api_key=K#x", "https://host/v1/"),
        ("https://Host:443", "https://host/"),
        ("http://[::1]:8080/v1", "http://[::1]:8080/v1/"),
    ],
)
def test_the_identity_of_a_server_holds_no_secret(server: str, public: str) -> None:
    assert Address(server).public == public


def test_a_query_is_sent_with_every_path_and_a_user_in_a_header() -> None:
    address = Address("https://me:hunter2@host/v1?api_key=K%20L&region=eu")
    assert str(address.url("chat/completions")) == (
        "https://host/v1/chat/completions?api_key=K%20L&region=eu"
    )


@pytest.mark.parametrize(
    "server",
    [
        *("localhost:8080/v1", "host/v1", "ftp://hunter2@host/v1", "http://", "http:///v1"),
        *("http://me:hunter2/x@host/v1", "http://host:hunter2/v1", "http://ho st/hunter2", "//h"),
        "http://host/\x00hunter2",
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(server: str) -> None:
    with pytest.raises(InvalidArgumentError, match="cannot be read: write it like") as caught:
        Address(server)
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("server", ["http://***@host/v1", "http://host/v1?api_key=***"])
def test_an_address_that_was_written_down_lacks_its_secrets(server: str) -> None:
    with pytest.raises(InvalidArgumentError, match="lacks its secrets, which doxa does not write"):
        Address(server)


def test_no_address_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    for nothing in ("", " "):
        with pytest.raises(InvalidArgumentError, match="no server: give its address"):
            Address(nothing)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://host/v1")
    assert Address("").public == "http://host/v1/"


@pytest.mark.parametrize("key", ["right\n", "ri ght", "ri\tght", "clé", "\x1b[2J"])
def test_a_key_that_cannot_be_sent_is_told_and_not_shown(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_KEY", key)
    with pytest.raises(ModelError, match="the API key in MY_KEY holds a line break") as caught:
        Address("http://host/v1", "MY_KEY")
    assert key not in str(caught.value)


def test_a_key_in_place_of_its_variable_s_name_is_not_shown() -> None:
    with pytest.raises(InvalidArgumentError, match="not the name of an environment") as caught:
        Address("http://host/v1", "sk-hunter2")
    assert "hunter2" not in str(caught.value)
    with pytest.raises(ModelError, match="the environment has no NO_SUCH_KEY"):
        Address("http://host/v1", "NO_SUCH_KEY")


def test_every_secret_is_masked_in_a_stranger_s_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-canary")
    address = Address("http://me%40x:hunter%2F2@host/v1?api_key=K%20L", "MY_KEY")
    said = "Bearer sk-canary, me@x hunter/2, hunter%2F2, K L, K+L; http://you:pw@other/?k=v"
    assert address.masked(said) == "Bearer ***, *** ***, ***, ***, ***; http://***@other/?k=***"
