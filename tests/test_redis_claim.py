"""One office's Redis: another office's servers do not begin on it, a wrong password is said."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from flows.installation import redis_claim
from flows.installation.prefect_messaging import NoMessaging
from flows.installation.redis_claim import Claim
from tests.city import REDIS
from tests.ports import free_port

pytestmark = pytest.mark.skipif(
    not REDIS and not os.environ.get("CI"), reason="需要 Redis（apt install redis-server）"
)
OURS, THEIRS = "s" * 40, "t" * 40


class Server:
    """A Redis of one's own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://:word@127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        assert REDIS is not None
        command = [REDIS, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        more = ["--requirepass", "word", "--dir", str(self.folder)]
        self.process = subprocess.Popen([*command, *more], stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server(tmp_path)
    monkeypatch.setenv("DISCLOSURE_REDIS", made.url)
    monkeypatch.setattr(redis_claim, "AGAIN_SECONDS", 0.05)
    yield made
    made.stop()


def test_servers_of_one_office_share_it_and_another_offices_are_refused(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.start()
    first = Claim(OURS)
    first.wait()
    Claim(OURS).wait()
    with pytest.raises(NoMessaging, match=r"正由另一套办理系统使用.*另一个库号"):
        Claim(THEIRS).wait()
    monkeypatch.setenv("DISCLOSURE_REDIS", server.url.replace("/0", "/1"))
    Claim(THEIRS).wait()
    with redis.Redis.from_url(server.url) as there:
        assert 0 < there.ttl(redis_claim.CLAIM) <= redis_claim.CLAIMED_SECONDS
        assert OURS.encode() not in there.get(redis_claim.CLAIM)
        there.delete(redis_claim.CLAIM)  # Redis was started anew: nothing is kept there
        assert list(first.see_to()) == []
        there.set(redis_claim.CLAIM, "another")
    (said,) = first.see_to()
    assert "又由另一套办理系统使用" in said


def test_a_wrong_password_is_said(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.start()
    Claim(OURS).wait()
    monkeypatch.setenv("DISCLOSURE_REDIS", server.url.replace("word", "wrong"))
    with pytest.raises(NoMessaging, match="所指的 Redis 不接受（用户名、口令或者权限不对"):
        Claim(OURS).wait()


def test_one_that_is_not_up_yet_is_waited_for_and_one_that_goes_is_said(
    server: Server, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    pauses: list[float] = []

    def pause(seconds: float, sleep=time.sleep) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            server.start()
        sleep(seconds)

    monkeypatch.setattr(redis_claim.time, "sleep", pause)
    ours = Claim(OURS)
    ours.wait()
    assert len(pauses) >= 2
    assert len([one for one in caplog.messages if "没有回答，等待" in one]) == 1
    server.stop()
    (said,) = ours.see_to()
    assert "暂时没有回答" in said
