"""What a release is made from: workflows, notes, forms, and what `make dist` tries."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

sys.path.append(str(ROOT / "tools"))
import release_notes  # noqa: E402 - a tool, not a module of the package

CHANGELOG = """# Changelog

## [Unreleased]

- not yet

## [0.2.0] - 2027-01-31

### Added

- A thing.

## [0.1.0]

- The first.

[0.2.0]: elsewhere
"""


def test_the_notes_of_a_release_are_its_section_of_the_changelog() -> None:
    assert release_notes.notes(CHANGELOG, "0.2.0") == "### Added\n\n- A thing."
    assert release_notes.notes(CHANGELOG, "0.1.0") == "- The first."
    assert release_notes.notes(CHANGELOG, "0.3.0") == ""
    assert release_notes.notes(CHANGELOG, "0.2") == ""


def test_a_tag_that_is_not_the_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["release_notes.py", "v99.0.0"])
    with pytest.raises(SystemExit, match=r"the tag says 99.0.0 and Cargo.toml"):
        release_notes.main()


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_actions_of_others_are_pinned_by_their_commit(file: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", file.read_text(encoding="utf-8"))
    assert used
    for action, comment in used:
        if not action.startswith("$/"):
            assert re.fullmatch(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", action)
            assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment)


def test_an_action_has_one_version_in_all_workflows() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in WORKFLOWS)
    pinned = set(re.findall(r"uses: ([\w./-]+)@(\S+)", text))
    assert len(pinned) == len(dict(pinned))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_what_a_workflow_runs_is_there(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for name in re.findall(r"\b((?:tools|requirements|tests)/[\w./]+)", text):
        assert (ROOT / name).exists(), name
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z]+)", text)) <= set(targets)


def test_the_oldest_python_that_is_tested_is_the_oldest_that_may_install_doxa() -> None:
    tests = yaml.safe_load((ROOT / ".github/workflows/tests.yml").read_text(encoding="utf-8"))
    for job in ("whole", "platform"):
        oldest, newest = tests["jobs"][job]["strategy"]["matrix"]["python"]
        assert PROJECT["requires-python"] == f">={oldest}"
        assert f"Programming Language :: Python :: {newest}" in PROJECT["classifiers"]


def test_every_platform_has_a_wheel() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/wheels.yml").read_text("utf-8"))["jobs"]
    linux = {
        (one["level"], one["target"]) for one in jobs["linux"]["strategy"]["matrix"]["include"]
    }
    assert len(linux) == 4
    assert jobs["others"]["strategy"]["matrix"]["system"] == [
        "macos-15", "macos-15-intel", "windows-2025", "windows-11-arm",
    ]  # fmt: skip
    assert "sdist" in jobs


@pytest.mark.parametrize("form", ["bug", "wording", "survey", "measure"])
def test_there_is_a_form_for_each_kind_of_issue(form: str) -> None:
    file = ROOT / ".github" / "ISSUE_TEMPLATE" / f"{form}.yml"
    found = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert found["labels"] == [form]
    commands = re.findall(r"`doxa ([a-z]+)", file.read_text(encoding="utf-8"))
    assert set(commands) <= {"demo", "doctor", "prompts", "survey"}


def test_the_citation_names_the_licence_of_the_code_and_no_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert PROJECT["license"].startswith(f"{cited['license']} AND ")
    assert "version" not in cited  # Cargo.toml alone has it
    doi = cited["references"][0]["doi"]
    assert doi in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_hooks_before_a_commit_are_the_project_s_own_tools() -> None:
    file = ROOT / ".pre-commit-config.yaml"
    [repository] = yaml.safe_load(file.read_text(encoding="utf-8"))["repos"]
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        assert hook["language"] == "system"
        assert hook["entry"].startswith((".venv/bin/", "cargo "))
