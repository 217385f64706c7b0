"""All that is known of this installation and of the machine that it is on."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

import doxa
from doxa.backend.child import Child, CrashError
from doxa.doctor.graphics import GpuBuild, gpu_builds
from doxa.doctor.libraries import Installed, libraries
from doxa.errors import DoxaError
from doxa.outside import processor
from doxa.outside.extras import is_there

__all__ = ["Core", "Examination", "Llama", "examine"]


@dataclass(frozen=True, slots=True)
class Core:
    """The scoring core.

    Parameters
    ----------
    instruction_set, widest, threads, optimised
        As in `doxa.score.core.CoreUse`; of a core that does not work, nothing is known.
    error : str
        Why it does not work; ``""`` if it does.
    """

    instruction_set: str = ""
    widest: str = ""
    threads: int = 0
    optimised: bool = True
    error: str = ""


@dataclass(frozen=True, slots=True)
class Llama:
    """llama.cpp, as llama-cpp-python brings it.

    Parameters
    ----------
    version : str
        The version of llama-cpp-python.
    used, lacking : tuple of str
        The instructions (and parts) that it was built with, and those of this processor that it
        was built without, as llama.cpp names them.
    gpu : bool
        Whether it was built for GPUs.
    gpus : tuple of str
        Those that it finds.
    error : str
        Why it does not work; ``""`` if it does.
    """

    version: str = ""
    used: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    gpu: bool = False
    gpus: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """What `examine` found.

    Parameters
    ----------
    doxa, python, system : str
        doxa's version, Python's, and the operating system with its architecture.
    processor : str
        The processor's name.
    cores, cores_there : int
        Cores that this process may use, and those of the machine.
    cores_limit : float or None
        The processor time, in cores, that its control group may take; None if nothing limits it.
    load : float or None
        Processes that waited for a core or ran on one in the last minute; None on Windows.
    environment : dict of str to str
        The variables that change how fast doxa works, where they are set.
    core : Core
        The scoring core.
    libraries : list of Installed
        The libraries that doxa and its extras use.
    llama : Llama or None
        None if llama-cpp-python is not installed.
    gpu_builds : list of GpuBuild
        The builds of llama.cpp for GPUs that this system could use.
    """

    doxa: str
    python: str
    system: str
    processor: str
    cores: int
    cores_there: int
    cores_limit: float | None
    load: float | None
    environment: dict[str, str]
    core: Core
    libraries: list[Installed]
    llama: Llama | None
    gpu_builds: list[GpuBuild]

    def as_dict(self) -> dict[str, Any]:
        """Return everything in plain types."""
        return asdict(self) | {
            "libraries": [one._asdict() for one in self.libraries],
            "gpu_builds": [one._asdict() for one in self.gpu_builds],
        }


_SPEED = ("DOXA_ISA", "DOXA_NUM_THREADS", "OMP_WAIT_POLICY", "POLARS_MAX_THREADS")


def examine() -> Examination:
    """Examine this installation and this machine; nothing is written, and no model is loaded.

    Examples
    --------
    >>> examine().core.error
    ''
    """
    return Examination(
        doxa=doxa.__version__,
        python=platform.python_version(),
        system=f"{platform.system()} {platform.machine()}",
        processor=processor.name(),
        cores=processor.cores(),
        cores_there=os.cpu_count() or 1,
        cores_limit=processor.limit(),
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        environment={name: os.environ[name] for name in _SPEED if name in os.environ},
        core=_core(),
        libraries=libraries(),
        llama=_llama() if is_there("llama_cpp") else None,
        gpu_builds=gpu_builds(),
    )


def _core() -> Core:
    try:
        return Core(*import_module("doxa.score.core").core_use())
    except ImportError as error:
        return Core(error=f"it cannot be loaded ({error})")
    except DoxaError as error:
        return Core(error=str(error))


def _llama() -> Llama:
    """Ask the library in a process of its own: one that was built elsewhere may end it."""
    child = Child("doxa.backend.worker", seconds=60.0)
    try:
        [found] = child.ask(("about",))
    except (CrashError, DoxaError) as error:
        return Llama(error=str(error))
    finally:
        child.close()
    tuples = {name: tuple(found[name]) for name in ("used", "lacking", "gpus")}
    return Llama(**(found | tuples))
