"""What several Prefect servers of one office tell each other, they tell by Redis: Prefect's own way
(docs.prefect.io, "How to scale self-hosted Prefect"), package prefect-redis, our extra `city`.

Nothing is kept there that the office could not lose: the register is the truth, and what waits stands
in Prefect's tables on PostgreSQL.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final
from urllib.parse import urlsplit

from flows.installation import settings
from models.errors import DisclosureError

SCHEMES: Final = ("redis", "rediss")
PACKAGE: Final = "prefect_redis"


class NoMessaging(DisclosureError):
    """The setting names no Redis, or what speaks to it is not installed."""


def environment() -> dict[str, str]:
    """What a Prefect server must find in its environment to be one of several; nothing where
    DISCLOSURE_REDIS is not set. Raises NoMessaging.
    """
    url = settings.REDIS.value()
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise NoMessaging(
            f"{settings.REDIS.name} 应为 Redis 的地址，如 redis://:口令@10.0.0.6:6379/0"
        )
    if find_spec(PACKAGE) is None:
        raise NoMessaging(
            f"设了 {settings.REDIS.name}，而没有安装 prefect-redis：请用 requirements.lock 安装"
            "（sh .ci/setup），或者安装 disclosure[city]"
        )
    return {
        "PREFECT_MESSAGING_BROKER": f"{PACKAGE}.messaging",
        "PREFECT_MESSAGING_CACHE": f"{PACKAGE}.messaging",
        "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": f"{PACKAGE}.ordering",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": f"{PACKAGE}.lease_storage",
        "PREFECT_SERVER_WORKER_CHANNEL_CLEANUP_QUEUE_STORAGE": f"{PACKAGE}.cleanup_queue",
        "PREFECT_SERVER_DOCKET_URL": url,
        "PREFECT_REDIS_MESSAGING_URL": url,
        "PREFECT_REDIS_WORKER_CLEANUP_QUEUE_URL": url,
    }


def are_several() -> bool:
    """Whether other servers may work for this office besides the one at hand. Raises NoMessaging."""
    return bool(environment())
