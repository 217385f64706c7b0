"""Whatever the hub or the network answers, in one line with the remedy.

What the hub says itself is never repeated: it may hold addresses with keys in them.
"""

from __future__ import annotations

import errno
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import httpx2
from huggingface_hub import constants, get_token
from huggingface_hub.errors import (
    DisabledRepoError,
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    RevisionResolutionError,
)

from doxa.backend.named.hub.cache import folder, repositories
from doxa.backend.named.near import hint
from doxa.errors import ModelError
from doxa.files import reason
from doxa.outside.secrets import without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["UnreachableError", "explained", "page"]

_TOKEN: Final = "run  hf auth login  or set HF_TOKEN"


class UnreachableError(Exception):
    """The hub cannot be asked now; the text says why."""


def page(repository: str) -> str:
    """Return the address of a repository's page."""
    return f"{without_secrets(constants.ENDPOINT)}/{repository}"


@contextmanager
def explained(repository: str, revision: str, file: str = "") -> Iterator[None]:
    """Raise what goes wrong within the block as one line with the remedy.

    Parameters
    ----------
    repository, revision, file : str
        What is asked for, for messages.

    Raises
    ------
    UnreachableError
        There is no network, the hub is down, or the user wants to stay offline.
    ModelError
        Everything else that the hub may answer, and a cache that cannot be written.
    """
    where = f"hf:{repository}"
    log = logging.getLogger("huggingface_hub")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    except OfflineModeIsEnabled:
        raise UnreachableError("HF_HUB_OFFLINE is set") from None
    except (RevisionResolutionError, LocalEntryNotFoundError) as error:
        raise UnreachableError(_unreachable(error.__cause__)) from None
    except GatedRepoError:
        if get_token() is None:
            raise ModelError(
                f"{where} is gated: accept its terms at {page(repository)}, then give your token: "
                f"{_TOKEN}"
            ) from None
        raise ModelError(
            f"{where} is gated, and the account of your token may not read it: accept its terms "
            f"at {page(repository)}, or give another token: {_TOKEN}"
        ) from None
    except RepositoryNotFoundError:
        raise ModelError(
            f"no repository {repository} at {page(repository)}: check its name ("
            f"{hint(repository, repositories())}); if it is private, give your token: {_TOKEN}"
        ) from None
    except RevisionNotFoundError:
        raise ModelError(
            f"{where} has no revision {revision}: give a branch, a tag or a commit that it has"
        ) from None
    except (RemoteEntryNotFoundError, EntryNotFoundError):
        raise ModelError(f"{where} has no file {file} at {revision}: run the same again") from None
    except DisabledRepoError:
        raise ModelError(f"{where} was disabled by its owner or the hub: take another") from None
    except HFValidationError:
        raise ModelError(f"{where} is no name: write hf:owner/repository") from None
    except FileMetadataError:
        raise ModelError(
            f"{page(repository)} does not answer as the hub does: check HF_ENDPOINT and the proxy"
        ) from None
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status >= 500 or status in (408, 429):
            raise UnreachableError(_unreachable(error)) from None
        why = f"a token is refused: {_TOKEN}" if status in (401, 403) else "check HF_ENDPOINT"
        raise ModelError(f"{where}: the hub answers {status}: {why}") from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise UnreachableError(_unreachable(error)) from None
    except OSError as error:
        raise ModelError(f"{where}: {_cache_trouble(error)}") from None
    finally:
        log.setLevel(level)


def _unreachable(error: BaseException | None) -> str:
    """Say why the hub cannot be reached."""
    place = without_secrets(constants.ENDPOINT)
    if isinstance(error, OfflineModeIsEnabled):
        return "HF_HUB_OFFLINE is set"
    if isinstance(error, HfHubHTTPError):
        return f"{place} answers {error.response.status_code}"
    if isinstance(error, httpx2.TimeoutException):
        return f"{place} does not answer in time"
    return f"{place} cannot be reached"


def _cache_trouble(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return f"the disk of the cache {folder()} is full: make room, or set HF_HOME to another"
    return f"the cache {folder()} cannot be used: {reason(error)}: set HF_HOME to another folder"
