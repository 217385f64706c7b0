"""From what is known of an installation to what is broken, slow or missing."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

from doxa.backend.instructions import REBUILD
from doxa.doctor.libraries import PURPOSES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doxa.doctor.examination import Examination

__all__ = ["Finding", "judge"]


class Finding(NamedTuple):
    """Something to know of an installation.

    Attributes
    ----------
    kind : {"broken", "slow", "missing"}
        Whether something does not work, works more slowly than it could, or is not installed.
    what : str
        What it is and why, in one line.
    remedy : str
        What to do, in one line.
    """

    kind: Literal["broken", "slow", "missing"]
    what: str
    remedy: str


def judge(found: Examination) -> list[Finding]:
    """Say what is broken, then what is slow, then which extras are not installed.

    Parameters
    ----------
    found : Examination
        What `doxa.doctor.examine` returns.
    """
    parts = chain(_libraries(found), _core(found), _cores(found), _llama(found), _gpus(found))
    order = ("broken", "slow", "missing")
    return sorted(parts, key=lambda finding: order.index(finding.kind))


def _libraries(found: Examination) -> Iterator[Finding]:
    absent: dict[str, list[str]] = {}
    for library in found.libraries:
        remedy = f'pip install "{library.name}{library.wanted}"'
        if not library.fits:
            what = f"{library.name} {library.version} is installed"
            yield Finding("broken", f"{what}, doxa needs {library.wanted}", remedy)
        elif not library.version and not library.extra:
            yield Finding("broken", f"{library.name} is not installed", remedy)
        elif not library.version:
            absent.setdefault(library.extra, []).append(library.name)
    for extra, names in absent.items():
        what = f"no {' and no '.join(names)}, for {PURPOSES[extra]}"
        yield Finding("missing", what, f'pip install "doxa[{extra}]"')


def _core(found: Examination) -> Iterator[Finding]:
    core = found.core
    if core.error:
        variable = core.error.partition("=")[0]
        remedy = "pip install --force-reinstall --no-deps doxa"
        if variable.startswith("DOXA_"):
            remedy = f"unset {variable}"
        yield Finding("broken", f"doxa's core does not work: {core.error}", remedy)
        return
    if not core.optimised:
        remedy = "install doxa anew, not with maturin develop but with pip, or with --release"
        yield Finding("slow", "doxa's core was built without optimisation", remedy)
    if core.instruction_set != core.widest:
        what = f"doxa's core uses {core.instruction_set}, and this processor has {core.widest}"
        yield Finding("slow", what, "unset DOXA_ISA")
    if core.threads < found.cores:
        what = f"doxa's core uses {core.threads} of the {found.cores} cores that it may"
        yield Finding("slow", what, "unset DOXA_NUM_THREADS")


def _cores(found: Examination) -> Iterator[Finding]:
    if found.cores < found.cores_there:
        why = "this process may not run on the others"
        remedy = "allow it more: taskset, or the job's --cpus-per-task"
        if found.cores_limit is not None and found.cores_limit < found.cores_there:
            why = f"its control group may take the time of {found.cores_limit:g}"
            remedy = "allow it more: docker run --cpus, or the job's or the pod's limit"
        what = f"doxa uses {found.cores} of this machine's {found.cores_there} cores: {why}"
        yield Finding("slow", what, remedy)
    if found.load is not None and found.load > found.cores_there:
        what = f"other work waits for the cores: {found.load:.1f} processes on {found.cores_there}"
        yield Finding("slow", what, "let it finish first, and time nothing meanwhile")
    polars = found.environment.get("POLARS_MAX_THREADS", "")
    if polars.isdecimal() and int(polars) < found.cores:
        what = f"Polars, which reads files and makes tables, uses {polars} of {found.cores} cores"
        yield Finding("slow", what, "unset POLARS_MAX_THREADS")


def _llama(found: Examination) -> Iterator[Finding]:
    llama = found.llama
    if llama is None:
        return
    if llama.error:
        built = "llama.cpp does not run here; it was built for another processor, or is damaged"
        yield Finding("broken", f"{built} ({llama.error})", REBUILD)
        return
    if llama.lacking and not llama.gpus:
        what = f"llama.cpp was built without this processor's {', '.join(llama.lacking)}"
        yield Finding("slow", f"{what}: a model may answer at half the speed", REBUILD)
    if found.environment.get("OMP_WAIT_POLICY", "").lower() == "active":
        what = "llama.cpp's idle threads keep their cores busy, which stalls the others"
        yield Finding("slow", what, "unset OMP_WAIT_POLICY")


def _gpus(found: Examination) -> Iterator[Finding]:
    llama = found.llama
    if llama is None or llama.error or llama.gpus:
        return
    if llama.gpu:
        what = "llama.cpp was built for a GPU and finds none: models run on the processor"
        yield Finding("slow", what, "see whether the GPU's driver works, such as with nvidia-smi")
        return
    for build in found.gpu_builds:
        if build.gpus and build.name != "Vulkan":  # those may only draw
            idle = ", ".join(build.gpus)
            first = "" if build.compiles else f"install {build.tool}, then  "
            remedy = first + REBUILD.replace("-DGGML_NATIVE=ON", build.option)
            yield Finding("slow", f"llama.cpp was built without {build.name}: {idle} idles", remedy)
            return
