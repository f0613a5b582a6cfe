"""What does the UI show of a case beside its form? The name and tags of its run, its dossier, the lists.

The dossier's page in Prefect (an artifact) is there as long as the case, and holds no dossier: the words
are put on it whenever it is opened (flows/server/opened_dossiers.py), as they are then. So no step writes
it again, and nothing of a case lies about in Prefect's database.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.filters import (
    ArtifactCollectionFilter,
    ArtifactCollectionFilterKey,
    ArtifactFilter,
    ArtifactFilterKey,
)
from prefect.client.schemas.objects import ArtifactCollection
from prefect.exceptions import ObjectNotFound

from flows import office
from flows.installation.prefect_client import connected
from flows.path import desk
from flows.shown import artifacts, lists
from letters.letter.words import escaped
from models.case.case import Case
from models.register import register

LOG = logging.getLogger(__name__)
DOSSIER, NUMBER = "case-", "number"  # how the key of a dossier begins, and what tells its case
WHEN_OPENED = "when_opened"
"""Marks a page whose words are put on it then; earlier releases filed them."""
MARK_LENGTH = 12


def present(case: Case) -> None:
    """Show where the case stands now: name and tags of its run, that it has a dossier, the lists."""
    desk.show(case.number)
    if not desk.is_answered():
        see_to_page(case.number, desk.this_run())
    lists.outdated()


def present_beside(case: Case) -> None:
    """As `present`, while the next form is up already: what cannot be shown just now the minute's
    check shows (righting.py, upkeep.Dossiers), and no form is lost for it.
    """
    try:
        present(case)
    except (httpx.HTTPError, *office.REGISTER_FAULTS) as away:
        LOG.warning("%s 的卷宗页面稍后更新：%s", case.number, type(away).__name__)


def see_to_page(number: str, run: str | None) -> None:
    """The case's dossier has its page, and it is of this run, whose own page shows it; None = of any."""
    with connected() as client:
        known = _known(client, number)
        if known is None or (run is not None and str(known.flow_run_id) != run):
            _made(client, number, run)


def dossier_page(number: str) -> UUID:
    """The artifact that is the page of the case's dossier; made if there is none. NoSuchCase if the
    register has no such case.
    """
    with office.reading() as session:
        register.row(session, number)
    with connected() as client:
        known = _known(client, number)
        if known is not None:
            return known.latest_id
        run = desk.run_of(client, number)
        return _made(client, number, str(run.id) if run else None)


def without_page(numbers: Collection[str]) -> list[str]:
    """Those of the cases, at most so many as a page of Prefect's has, whose dossier has no page."""
    with connected() as client:
        found = client.read_latest_artifacts(
            artifact_filter=_of_keys([artifact_key(number) for number in numbers]), limit=desk.PAGE
        )
    there = {one.key for one in found if is_ours(one.metadata_)}
    return [number for number in numbers if artifact_key(number) not in there]


def is_dossier(key: str) -> bool:
    """Whether an artifact's key is that of a dossier."""
    return key.startswith(DOSSIER)


def is_ours(about: Mapping[str, Any] | None) -> bool:
    """Whether, by what an artifact tells of itself, its words are put on it when it is opened."""
    return WHEN_OPENED in (about or {})


def _known(client: SyncPrefectClient, number: str) -> ArtifactCollection | None:
    found = client.read_latest_artifacts(artifact_filter=_of_keys([artifact_key(number)]))
    return next((one for one in found if is_ours(one.metadata_)), None)


def _made(client: SyncPrefectClient, number: str, run: str | None) -> UUID:
    page = ArtifactCreate(
        key=artifact_key(number),
        type="markdown",
        description=f"{number}　办理卷宗",
        data=f"# 政府信息公开申请办理卷宗　{escaped(number)}\n\n登记簿暂无响应，请稍候重新打开。\n",
        metadata_={NUMBER: number, WHEN_OPENED: "yes"},
        flow_run_id=UUID(run) if run else None,
    )
    artifacts.made(client, page)
    return _only(client, number, run)


def _only(client: SyncPrefectClient, number: str, run: str | None) -> UUID:
    """The one page of the case's dossier on this run. Whoever looked at the same moment and found none
    made one too: the latest stays, whichever of them sees it, for it is what its key shows.
    """
    found = client.read_artifacts(
        artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=[artifact_key(number)]))
    )
    mine = UUID(run) if run else None
    pages = [one for one in found if is_ours(one.metadata_) and one.flow_run_id == mine]
    *others, latest = sorted(pages, key=lambda one: (one.created, one.id))
    for other in others:
        with suppress(ObjectNotFound):  # the other has seen it too
            client.delete_artifact(other.id)
    return latest.id


def _of_keys(keys: list[str]) -> ArtifactCollectionFilter:
    return ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=keys))


def artifact_key(number: str) -> str:
    """The key of a case's dossier. Prefect takes small letters, digits and dashes only; whatever
    number is not the same again in capitals bears a mark of its own, so that no two share a key.
    """
    plain = DOSSIER + re.sub("[^a-z0-9]+", "-", number.lower()).strip("-")
    if plain == f"{DOSSIER}{number.lower()}" and number == number.upper():
        return plain
    mark = hashlib.sha256(number.encode()).hexdigest()[:MARK_LENGTH]
    return f"{plain.rstrip('-')}-{mark}"
