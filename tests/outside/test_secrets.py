"""Addresses without their secrets, and texts of strangers that echo them."""

from __future__ import annotations

import base64
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from doxa.outside.secrets import masked, without_secrets


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("http://h:80/v1/", "http://h:80/v1/"),
        ("https://u:p@h/v1", "https://***@h/v1"),
        ("https://token@h/v1", "https://***@h/v1"),
        ("https://u:a@b@h/v1", "https://***@h/v1"),
        ("HTTP://u:p@h", "HTTP://***@h"),
        ("http://h/v1?api_key=K", "http://h/v1?api_key=***"),
        ("http://h/v1?a=K&b=L#part", "http://h/v1?a=***&b=***#***"),
        ("http://h/v1?K", "http://h/v1?***"),
        ("http://h?a=K=L", "http://h?a=***"),
        ("http://h/a@b", "http://h/a@b"),
        ('server = "http://u:p@h/v1?k=K"\nname = "a@b"', 'server = "http://***@h/v1?k=***"\n'
         'name = "a@b"'),
        ("a http://u:p@h and http://v:q@i.", "a http://***@h and http://***@i."),
        ("no address: a?b=c, a@b", "no address: a?b=c, a@b"),
        ("http://***@h/v1?api_key=***", "http://***@h/v1?api_key=***"),
    ],
)  # fmt: skip
def test_addresses_in_texts(text: str, left: str) -> None:
    assert without_secrets(text) == left


SECRET = st.text(string.ascii_letters + string.digits + "%+-._~!$*()", min_size=12)


@given(SECRET, SECRET, SECRET)
def test_no_secret_is_left(user: str, word: str, key: str) -> None:
    left = without_secrets(f"x http://{user}:{word}@host:1/v1?api_key={key}&b={key} y")
    assert left == "x http://***@host:1/v1?api_key=***&b=*** y"


@given(st.text(min_size=1), st.text(), st.text())
def test_no_form_of_a_secret_is_left(secret: str, before: str, after: str) -> None:
    for form in (secret, quote(secret, safe=""), base64.b64encode(secret.encode()).decode()):
        if form not in "***":
            assert form not in masked(before + form + after, ["", secret]).replace("***", "")
