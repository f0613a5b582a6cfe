"""Pages that Prefect keeps for us (artifacts): made, and renewed in place.

Asked for as Prefect's client asks, without the event that it sends after each: nobody here listens, and
an event bears all the words of the page once more, over a connection of its own.
"""

from __future__ import annotations

from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate, ArtifactUpdate


def made(client: SyncPrefectClient, page: ArtifactCreate) -> UUID:
    """Make a page; its id. Of one key there may be several: the latest is shown."""
    asked = page.model_dump(mode="json", exclude_unset=True)
    return UUID(client.request("POST", "/artifacts/", json=asked).json()["id"])


def renewed(client: SyncPrefectClient, page: UUID, words: str) -> bool:
    """Put other words on a page; False where there is no such page any more."""
    asked = ArtifactUpdate(data=words).model_dump(mode="json", exclude_unset=True)
    try:
        client.request("PATCH", "/artifacts/{id}", path_params={"id": page}, json=asked)
    except httpx.HTTPStatusError as refused:
        if refused.response.status_code == httpx.codes.NOT_FOUND:
            return False
        raise
    return True
