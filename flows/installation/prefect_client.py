"""How does our code ask Prefect's server? By Prefect's own client, with what makes one dear made once.

Prefect reads all certificates of this machine anew for each client, also for one that speaks plain HTTP
to the machine itself: 50 ms of the processor, several times a form.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

import httpx
from prefect.client.orchestration import PrefectClient, SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_SSL_CERT_FILE, PREFECT_API_TLS_INSECURE_SKIP_VERIFY

_OURS: Final[ContextVar[SyncPrefectClient | None]] = ContextVar("connected", default=None)


@contextmanager
def within(client: SyncPrefectClient) -> Iterator[None]:
    """While the block lasts, whatever of ours asks the server in this thread asks by this client."""
    before = _OURS.set(client)
    try:
        yield
    finally:
        _OURS.reset(before)


def connected() -> SyncPrefectClient:
    """The client of the stretch that we are in (flows/prefect_side/stretch.py), or else a new one; a
    context manager, as Prefect's get_client.
    """
    if (ours := _OURS.get()) is not None:
        return ours
    return get_client(sync_client=True, httpx_settings=tls())


def connected_later() -> PrefectClient:
    """The same for code that awaits."""
    return get_client(httpx_settings=tls())


def tls() -> dict[str, Any] | None:
    """What a client is told of httpx: whose certificates it takes, read once."""
    if PREFECT_API_TLS_INSECURE_SKIP_VERIFY.value():
        return None  # as Prefect has it
    return {"verify": _trusting(PREFECT_API_SSL_CERT_FILE.value())}


@cache
def _trusting(certificates: str | None) -> ssl.SSLContext:
    if certificates:
        return ssl.create_default_context(cafile=certificates)
    return httpx.create_ssl_context(trust_env=False)
