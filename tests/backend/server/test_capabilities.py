from __future__ import annotations

from doxa.backend.server.capabilities import Capabilities
from doxa.backend.template import ChatTemplate


def test_the_line_says_what_a_server_is_and_how_it_is_asked() -> None:
    chat = Capabilities("", "", "top")
    assert chat.line.startswith("a chat end point: option probabilities from the likeliest first")
    base = Capabilities("llama-server", "b9", "forced", ChatTemplate())
    assert base.line.startswith("llama-server b9: exact option probabilities, shares held to")
    assert base.line.endswith("a base model without a chat template")


def test_two_servers_of_one_model_have_the_same_identity() -> None:
    def made(version: str, source: str = "x", serves: str = "f") -> str:
        return Capabilities("s", version, "forced", ChatTemplate(source), serves).identity

    assert made("1") == made("2")
    assert len({made("1"), made("1", source="y"), made("1", serves="g"), made("1", source="")}) == 4
