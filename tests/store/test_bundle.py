from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import TYPE_CHECKING

import polars as pl
import pytest

from doxa.errors import StoreError
from doxa.prompt import Condition
from doxa.store import Store
from doxa.store.bundle import documents_of, is_bundle, write_bundle
from doxa.store.seal import TABLES

from .made import CARD, cell, fill, reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PEOPLE = {"people.json": '{"here": "é"}\n'}


@pytest.fixture
def run(tmp_path: Path) -> Path:
    file = tmp_path / "run.sqlite"
    fill(file, 5)
    with Store.open(file) as store:
        store.note("experiment", "models = []\n")
        store.note("server", "http://me:secret@host/v1?key=hidden")
    return file


@pytest.fixture
def bundle(run: Path, tmp_path: Path) -> Path:
    out = tmp_path / "run.doxa"
    with Store.read(run) as store:
        write_bundle(store.rows, PEOPLE, out)
    return out


def members(bundle: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(bundle) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: dict[str, bytes], *, signed: bool = True) -> bytes:
    """Pack members into a bundle; with `signed`, the manifest fits them."""
    manifest = json.loads(contents["manifest.json"])
    if signed:
        manifest["sha256"] = {
            name: hashlib.sha256(data).hexdigest()
            for name, data in contents.items()
            if name != "manifest.json"
        }
    page = io.BytesIO()
    with zipfile.ZipFile(page, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (contents | {"manifest.json": json.dumps(manifest).encode()}).items():
            archive.writestr(name, data)
    return page.getvalue()


def test_a_bundle_is_read_as_the_store_that_it_was_made_of(run: Path, bundle: Path) -> None:
    assert is_bundle(bundle)
    assert not is_bundle(run)
    with Store.read(run) as store, Store.read(bundle) as same:
        assert same.replies().equals(store.replies(), null_equal=True)
        assert same.replies().height == 5
        assert same.sent().equals(store.sent())
        assert same.examples() == store.examples() == {"Q32"}
        assert same.conditions() == store.conditions()
        assert same.cards() == store.cards() == [CARD]
        for table in TABLES.keys() - {"metadata"}:
            assert same.rows(table) == store.rows(table)
        assert same.metadata == store.metadata
    assert documents_of(bundle).items() >= PEOPLE.items()


def test_the_same_run_gives_the_same_bytes(run: Path, bundle: Path, tmp_path: Path) -> None:
    out = tmp_path / "again.doxa"
    for source in (run, bundle):
        with Store.read(source) as store:
            told = write_bundle(store.rows, PEOPLE, out)
        assert out.read_bytes() == bundle.read_bytes()
        assert told == documents_of(out)[""]
    with Store.open(run) as store:
        store.plan(CARD, [(cell(9), "k9", 0)])
        store.add(CARD, reply("k9"))
    with Store.read(run) as store:
        assert write_bundle(store.rows, PEOPLE, out) != told
    assert not list(tmp_path.glob(".*.part"))


def test_its_members_are_plain_text_without_secrets_and_without_a_clock(bundle: Path) -> None:
    found = members(bundle)
    assert next(iter(found)) == "manifest.json"
    assert found["experiment.toml"] == b"models = []\n"
    assert len(pl.read_ndjson(found["cells.jsonl"])) == 5
    assert b"secret" not in b"".join(found.values())
    assert b"hidden" not in b"".join(found.values())
    with zipfile.ZipFile(bundle) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_a_bundle_of_the_seventh_version_gets_what_tells_forms_apart(
    run: Path, tmp_path: Path
) -> None:
    with Store.open(run) as store:
        letters = Condition("en", label_style="letters", option_order="reversed")
        store.settle([letters])
        store.plan(CARD, [(cell(8, option_order="reversed", label_style="letters"), "k0", 0)])
    with Store.read(run) as store:
        now = store.replies()
        write_bundle(store.rows, PEOPLE, tmp_path / "now.doxa")
    new = {"cells.jsonl": ("group", "wording", "surface", "label_style")}
    new |= {"conditions.jsonl": ("group", "wording", "surface")}
    found = members(tmp_path / "now.doxa")
    for name, columns in new.items():
        rows = [json.loads(line) for line in found[name].splitlines()]
        kept = [{key: row[key] for key in row if key not in columns} for row in rows]
        found[name] = "".join(f"{json.dumps(row)}\n" for row in kept).encode()
    found["manifest.json"] = found["manifest.json"].replace(b'"schema": 8', b'"schema": 7')
    old = tmp_path / "old.doxa"
    old.write_bytes(packed(found))
    with Store.read(old) as store:
        assert store.replies().equals(now, null_equal=True)
        assert now["label_style"].to_list() == ["numbers"] * 5 + ["letters"]
        assert letters in store.conditions().values()


def test_a_bundle_is_not_written_to(bundle: Path) -> None:
    before = bundle.read_bytes()
    with pytest.raises(StoreError, match=r"is a bundle, which is only read: .*doxa merge"):
        Store.open(bundle)
    with Store.read(bundle) as store:
        assert store.writers() == []
    assert bundle.read_bytes() == before


def _changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], bytes]:
    return lambda found: packed(found | {name: change(found[name])})


HOSTILE: dict[str, tuple[Callable[[dict[str, bytes]], bytes], str]] = {
    "changed": (
        lambda found: packed(found | {"replies.jsonl": b""}, signed=False),
        r"damaged \(replies.jsonl is not as it was written\)",
    ),
    "fewer rows": (
        _changed("replies.jsonl", lambda data: data.splitlines(keepends=True)[0]),
        "replies.jsonl has another number of rows",
    ),
    "other columns": (
        _changed("cells.jsonl", lambda data: data.replace(b'"draw"', b'"drawn"')),
        "a row of cells.jsonl has other columns",
    ),
    "other types": (
        _changed("cells.jsonl", lambda data: data.replace(b'"position": 1', b'"position": "one"')),
        r"damaged \(.*mismatch",
    ),
    "nested": (
        _changed("cells.jsonl", lambda data: data.replace(b'"Q0"', b'["Q0"]')),
        r"damaged \(",
    ),
    "a number beyond 64 bits": (
        _changed("cells.jsonl", lambda data: data.replace(b'"draw": 0', b'"draw": ' + b"9" * 30)),
        r"damaged \(",
    ),
    "no JSON": (_changed("sent.jsonl", lambda _: b"[" * 100_000), r"damaged \(nested too"),
    "twice": (
        _changed("turns.jsonl", lambda data: data.replace(b'"id": 2', b'"id": 1')),
        r"damaged \(UNIQUE",
    ),
    "a member less": (
        lambda found: packed({name: found[name] for name in found if name != "texts.jsonl"}),
        r"holds no texts.jsonl",
    ),
    "another schema": (
        _changed("manifest.json", lambda data: data.replace(b'"schema": 8', b'"schema": 99')),
        "a bundle of another version of doxa .schema 99",
    ),
    "another archive": (
        _changed("manifest.json", lambda data: data.replace(b"doxa bundle", b"a holiday")),
        "manifest.json is not of a bundle",
    ),
    "an empty manifest": (_changed("manifest.json", lambda _: b"[]"), r"damaged \(|list"),
    "a bomb": (
        _changed("texts.jsonl", lambda data: data + b"\n" * (1 << 27)),
        "unpacks to more than|another number of rows",
    ),
    "one endless line": (
        _changed("texts.jsonl", lambda data: data + b" " * (40 << 20)),
        "goes on for more than 32 MiB",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_bundle_is_told_in_one_line(case: str, bundle: Path) -> None:
    make, says = HOSTILE[case]
    found = members(bundle)
    if case == "an empty manifest":
        page = io.BytesIO()
        with zipfile.ZipFile(page, "w") as archive:
            for name, data in (found | {"manifest.json": b"[]"}).items():
                archive.writestr(name, data)
        bundle.write_bytes(page.getvalue())
    else:
        bundle.write_bytes(make(found))
    with pytest.raises(StoreError, match=says) as told:
        Store.read(bundle)
    assert "\n" not in str(told.value)
    assert str(told.value).startswith(str(bundle))


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.99])
def test_a_bundle_that_is_cut_short_is_told(share: float, bundle: Path) -> None:
    data = bundle.read_bytes()
    bundle.write_bytes(data[: int(share * len(data))])
    assert not is_bundle(bundle)
    with pytest.raises(StoreError, match="the archive is cut short or damaged"):
        Store.read(bundle)


def test_names_of_members_lead_nowhere(bundle: Path, tmp_path: Path) -> None:
    bundle.write_bytes(packed(members(bundle) | {"../../outside.json": b"1", "/etc/x": b"2"}))
    with Store.read(bundle) as store:
        assert store.replies().height == 5
    assert not (tmp_path.parent / "outside.json").exists()
