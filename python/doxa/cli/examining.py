"""What is installed, and what is broken or slow."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from doxa.cli.console import stdout
from doxa.cli.plain import put
from doxa.doctor import examine, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.doctor import Examination, Finding

__all__ = ["doctor"]


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Say what is installed, what is broken or slow, and what to do about it.

    The exit status is 1 if something is broken. Nothing is written, and no model is loaded.
    """
    found = examine()
    findings = judge(found)
    if as_json:
        told = found.as_dict() | {"findings": [finding._asdict() for finding in findings]}
        put(json.dumps(told, ensure_ascii=False) + "\n")
    else:
        for line in (*_facts(found), *_verdicts(findings)):
            stdout.print(line, highlight=False)
    if any(finding.kind == "broken" for finding in findings):
        raise typer.Exit(1)


def _facts(found: Examination) -> Iterator[str]:
    yield f"doxa {found.doxa}, Python {found.python}, {found.system}"
    limit = "" if found.cores == found.cores_there else f" of {found.cores_there}"
    yield f"processor    {found.processor}, cores: {found.cores}{limit}"
    core = found.core
    yield "core         " + (core.error or f"{core.instruction_set}, threads: {core.threads}")
    for extra in dict.fromkeys(library.extra for library in found.libraries):
        here = ", ".join(
            f"{library.name} {library.version or '(not installed)'}"
            for library in found.libraries
            if library.extra == extra
        )
        yield f"{extra or 'libraries':<12} {here}"
    if found.llama is not None and not found.llama.error:
        gpus = ", ".join(found.llama.gpus) or "none that it finds"
        built = f"built for GPUs: {gpus}" if found.llama.gpu else "not built for a GPU"
        yield f"llama.cpp    {' '.join(found.llama.used)}; {built}"
    yield "a GPU build of llama.cpp needs"
    for build in found.gpu_builds:
        gpus = ", ".join(build.gpus) or "none found"
        tool = f"{build.tool}: {'installed' if build.compiles else 'not found'}"
        yield f"  {build.name:<10} a GPU: {gpus}; {tool}; CMAKE_ARGS={build.option}"


def _verdicts(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        yield ""
        yield f"{finding.kind}: {finding.what}"
        yield f"    {finding.remedy}"
    if not any(finding.kind != "missing" for finding in findings):
        yield ""
        yield "nothing is broken, and nothing is slower than it could be"
