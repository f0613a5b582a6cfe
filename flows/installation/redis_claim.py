"""Whose is this Redis? One office's alone: its servers say so there, and no other office's begins on it.

Prefect's servers put up there what is to be done behind them, under names that are the same in every
office: two offices on one Redis would do each other's work, and leave their own. Each has a database of
its own there (the number at the end of the address), or a Redis of its own.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import redis
from redis import exceptions

from flows.installation import settings
from flows.installation.prefect_messaging import NoMessaging

LOG = logging.getLogger(__name__)
CLAIM: Final = "disclosure:office"
CLAIMED_SECONDS: Final = 180
AGAIN_SECONDS: Final = 2.0
_REFUSES: Final = (exceptions.AuthenticationError, exceptions.ResponseError)
_AWAY: Final = (exceptions.ConnectionError, exceptions.TimeoutError)


class Claim:
    """That this office's servers use a Redis: two offices on one would do each other's work, and leave
    their own. It stands there while a server is at work, and a little longer.

    secret = what all parts of an office share; only its digest is written
    """

    def __init__(self, secret: str) -> None:
        self._url = settings.REDIS.value()
        self._office = sha256(f"redis {secret}".encode()).hexdigest()

    def wait(self) -> None:
        """Claim it, once it answers. Raises NoMessaging where another office has it, or the password is
        wrong.
        """
        told = False
        while True:
            try:
                whose = self._claimed()
            except _REFUSES as fault:
                raise NoMessaging(
                    f"{settings.REDIS.name} 所指的 Redis 不接受（用户名、口令或者权限不对：{fault}）"
                ) from None
            except _AWAY:
                if not told:
                    LOG.warning("%s 所指的 Redis 没有回答，等待……", settings.REDIS.name)
                told = True
                time.sleep(AGAIN_SECONDS)
                continue
            if whose != self._office:
                raise NoMessaging(
                    f"{settings.REDIS.name} 所指的 Redis 正由另一套办理系统使用：每套须用自己的一个，"
                    "或者同一个 Redis 的另一个库号（地址末尾，如 /1）；刚换过密语的，"
                    f"全部停止{CLAIMED_SECONDS // 60}分钟以后再启动"
                )
            return

    def see_to(self) -> Iterator[str]:
        """Once a minute: it is claimed still, and says if another office came to it meanwhile."""
        try:
            whose = self._claimed()
        except (*_REFUSES, *_AWAY) as fault:
            yield f"{settings.REDIS.name} 所指的 Redis 暂时没有回答：{type(fault).__name__}"
        else:
            if whose != self._office:
                yield f"{settings.REDIS.name} 所指的 Redis 又由另一套办理系统使用，请给它另设一个库号"

    def _claimed(self) -> str:
        """Whose it is now: ours, if nobody's."""
        with redis.Redis.from_url(self._url, socket_timeout=5, decode_responses=True) as there:
            ours = there.set(CLAIM, self._office, nx=True, ex=CLAIMED_SECONDS)
            whose = self._office if ours else str(there.get(CLAIM) or self._office)
            if whose == self._office:
                there.expire(CLAIM, CLAIMED_SECONDS)
            return whose
