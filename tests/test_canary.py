"""Secrets from the first question to the report: no byte that doxa writes holds one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import polars as pl
from odd_replies import expected
from scripted_server import Script, completion, failing, replying, scripted

from doxa.backend import ModelCard
from doxa.report.pack import unpack
from doxa.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from scripted_server import Prepared, Raw

SECRETS = ("canary-user", "canary-p/word", "canary-query", "canary-key-0123456789")
ITEMS = "Q1,Q2,Q3,Q4,Q5,Q6"
COMMANDS = """
import json, logging, sys
import doxa.cli
logging.basicConfig(level=0)
for arguments in json.loads(sys.argv[1]):
    sys.argv = ["doxa", *arguments]
    try:
        doxa.cli.main()
    except SystemExit as left:
        print(f"status {left.code} of {arguments[0]}", file=sys.stderr)
"""


class Pipeline:
    """Commands in a folder, and all that they wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written = b""

    def start(self, *commands: tuple[str, ...]) -> subprocess.Popen[bytes]:
        """Start a process that runs commands one after the other, its logs wide open."""
        return subprocess.Popen(
            [sys.executable, "-c", COMMANDS, json.dumps(commands)],
            cwd=self.folder,
            env=os.environ | {"CANARY": SECRETS[3], "NO_COLOR": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def __call__(self, *commands: tuple[str, ...], status: int = 0) -> str:
        process = self.start(*commands)
        out, err = process.communicate(timeout=300)
        self.written += out + err
        said = err.decode()
        assert len(re.findall(f"^status {status} of ", said, re.MULTILINE)) == len(commands), said
        assert "Traceback" not in said
        return said

    def everything(self) -> bytes:
        """All bytes of files and output, and what is compressed in them, unpacked."""
        found = [self.written]
        for file in self.folder.rglob("*"):
            found.append(str(file).encode())
            if file.is_file():
                data = file.read_bytes()
                found.append(data)
                if file.suffix == ".parquet":
                    found.append(str(pl.read_parquet(file).to_dicts()).encode())
                if file.suffix == ".html":
                    blocks = re.findall(rb"eJ[\w+/]{20,}=*|eN[\w+/]{20,}=*", data)
                    found += [unpacked(block) for block in blocks]
        return b"\n".join(found)


def unpacked(block: bytes) -> bytes:
    try:
        return unpack(block.decode())
    except ValueError:
        return b""
    except Exception as error:  # not zlib's
        return repr(error).encode()


def answer(asked: dict[str, Any]) -> Prepared | Raw:
    """Answer, and echo every secret wherever there is room for one."""
    echo = " ".join(SECRETS)
    number = len(Script.seen) % 7
    if number == 2:
        return failing(400, f"no {echo}")
    if number == 3:
        return replying(f"<html>{echo}</html>")
    if number == 4:
        return (307, {"Location": f"http://other/{SECRETS[3]}?k={SECRETS[2]}"}, {})
    if number == 5:
        return (200, {"X-Echo": echo}, completion(f"I cannot, {SECRETS[3]}"))
    found = completion(json.dumps(expected(asked)))
    return (200, {"X-Echo": echo}, found | {"model": echo, "id": echo})


def test_no_byte_that_is_written_holds_a_secret(tmp_path: Path) -> None:
    doxa = Pipeline(tmp_path)
    asked = ("ask", "--model", "m", "--elicit", "verbalized", "--examples", "0", "--fast")
    asked = (*asked, "--api-key-env", "CANARY")
    with scripted(choose=answer) as address:
        user = f"{SECRETS[0]}:{SECRETS[1].replace('/', '%2F')}@"
        server = f"{address.replace('//', f'//{user}')}?api_key={SECRETS[2]}"
        doxa((*asked, "--questions", ITEMS, "--server", server, "--out", "run"))
        authorised = {sent["Authorization"] for sent in Script.headers_seen}
        assert len(authorised) == 1
        assert all(path.endswith(f"?api_key={SECRETS[2]}") for path in Script.paths_seen)
        # a killed run leaves its write-ahead log
        killed = doxa.start((*asked, "--questions", "60", "--server", server, "--out", "killed"))
        limit = time.monotonic() + 60
        while len(Script.seen) < 25 and time.monotonic() < limit:
            time.sleep(0.01)
        killed.send_signal(signal.SIGKILL)
        doxa.written += b"".join(killed.communicate())
    assert (tmp_path / "killed" / "replies.sqlite-wal").stat().st_size > 0
    doxa(
        ("statuses", "run"),
        ("score", "run", "--resamples", "100", "--json"),
        ("score", "killed", "--resamples", "100"),
        ("report", "run", "--resamples", "100", "--out", "report.html", "--tables", "tables"),
        *(("export", "run", "--out", f"replies.{kind}") for kind in ("parquet", "csv", "jsonl")),
        ("export", "run", "--out", "asked.toml"),
        ("export", "killed", "--out", "killed.toml"),
    )
    assert "***@127.0.0.1" in (tmp_path / "asked.toml").read_text()
    # mistakes and failures; by now nobody listens at the address
    failing_run = (*asked, "--questions", "Q46", "--out", "none", "--server")
    wrong = (server, server.replace("http:", "https:"), server.replace("127.0.0.1:", "[::1"))
    with scripted(failing(401, " ".join(SECRETS))) as address:
        refusing = f"{address.replace('//', f'//{user}')}?api_key={SECRETS[2]}"
        said = doxa(
            ("ask", "--experiment", "asked.toml", "--out", "run"),
            *((*failing_run, one) for one in (*wrong, refusing)),
            status=1,
        )
    assert "lacks its secrets" in said
    assert "refuses the API key: correct CANARY" in said
    found = doxa.everything()
    for secret in (*SECRETS, "canary"):
        at = found.find(secret.encode())
        assert at < 0, found[max(0, at - 200) : at + 100]
    assert next(iter(authorised)).split()[1].encode() not in found


def test_what_an_old_store_holds_of_secrets_is_read_and_exported_without_them(
    tmp_path: Path,
) -> None:
    address = "http://me:canary@host/v1?api_key=canary"
    run = tmp_path / "run"
    with Store.open(run / "replies.sqlite") as store:
        store.note("experiment", f'[engine]\nserver = "{address}"\n')
        store.plan(ModelCard("openai_server", "m", f"{address} m"), [])
    with Store.read(run / "replies.sqlite") as store:
        [card] = store.cards()
        assert card.fingerprint == "http://***@host/v1?api_key=*** m"
        assert "canary" not in str(store.metadata)
    doxa = Pipeline(tmp_path)
    doxa(("export", "run", "--out", "asked.toml"))
    assert "***@host" in (tmp_path / "asked.toml").read_text()
