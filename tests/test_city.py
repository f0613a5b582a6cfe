"""A city: several servers behind a proxy, several workers, a scheduler and another that waits; as the files
of `.docs/city/` have it, in processes of their own. A server, a worker and the scheduler are killed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any, cast

import httpx
import psycopg
import pytest
from prefect.settings.base import PrefectBaseSettings

from flows import office
from flows.installation import opening, prefect_messaging, register_lease
from flows.server import city as commands
from flows.server import worker_beside
from flows.server.login_pages import ShownSecrets
from flows.server.sent_forms import FormTokens
from flows.server.visits import COOKIE
from tests import city, kills, postgresql, visitors
from tests.kills import ACTS, CLERK, LEADER, REVIEWER

SECRET = "of-every-server-of-one-office-0123456789"


@pytest.fixture
def ground(
    postgresql_server: postgresql.PostgreSQL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[city.Ground]:
    """What the installer prepares, and this process as one who looks into the register."""
    made = city.ground(tmp_path, postgresql_server.database("city"), monkeypatch)
    yield made
    office.close()


class Crew(kills.Officers):
    """Officers who work at one server or another; their visits began at the first."""

    def __init__(self, town: city.City, phones: dict[str, visitors.Phone]) -> None:
        there = cast(Any, SimpleNamespace(site=town.servers[0]))
        super().__init__(there, kills.Found(), threading.Event(), phones)

    def at(self, site: str) -> None:
        """From here on, all of them at this address."""
        for client in self.clients.values():
            visit = client.cookies.get(COOKIE)
            assert visit is not None
            client.cookies = httpx.Cookies({COOKIE: visit})
            client.base_url = site

    def is_told(self, words: str) -> None:
        """What an officer reads of a page, and what the page asks by itself."""
        for path in ("/", "/calendar", "/api/flow_runs/count"):
            self._until(lambda path=path: self._reads(path, words), f"{path} {words}")

    def _reads(self, path: str, words: str) -> bool:
        try:
            told = self.client.request("POST" if path.startswith("/api/") else "GET", path)
        except httpx.TimeoutException:  # on a busy machine
            return False
        assert told.status_code == 503, (path, told.text)
        return words in (told.json()["detail"] if path.startswith("/api/") else told.text)

    def acts(self, number: str, positions: range) -> None:
        for position in positions:
            officer, kind, fields = ACTS[position - 1]
            self._act(number, position, kind, fields, officer)


@postgresql.needed
@city.needed
@pytest.mark.timeout(1200)
def test_a_case_goes_on_while_a_server_a_worker_and_the_scheduler_are_killed(
    ground: city.Ground, postgresql_server: postgresql.PostgreSQL
) -> None:
    """So it does when PostgreSQL is started anew, with the register and Prefect's database in it, and when
    Redis is, without which Prefect takes no answer, and the proxy: all are back at work by themselves.
    """
    phones = {name: visitors.with_account(name) for name in (CLERK, REVIEWER, LEADER)}
    with city.running(ground) as town:
        crew = Crew(town, phones)
        one, two = town.servers
        shown = httpx.get(f"{one}/login")  # the form of one server, sent to the other
        fields = {"token": visitors.token_of(shown), "officer": CLERK, "next": "/"}
        fields |= {"password": visitors.PASSWORD, "code": phones[CLERK].code()}
        cookies = dict(shown.cookies)
        assert httpx.post(f"{two}/login", data=fields, cookies=cookies).status_code == 303
        crew.log_in()
        crew.at(one)
        number = crew._register("甲")
        crew.at(two)
        crew.acts(number, range(1, 2))
        crew.at(one)
        crew.acts(number, range(2, 3))
        crew.at(town.site)
        crew.acts(number, range(3, 4))
        on_duty = town.until_on_duty()
        for name in ("server-1", "worker-1", on_duty):
            town.processes[name].kill()
        crew.acts(number, range(4, 5))
        after = town.until_on_duty()
        assert after != on_duty
        postgresql_server.stop()
        try:
            crew.is_told("登记簿暂时没有回答")
        finally:
            postgresql_server.start()
        crew.acts(number, range(5, 6))
        town.processes["redis"].kill()
        assert crew.client.get("/").status_code == 200, "what is ours is shown without it"
        town.processes["redis"].start()
        town.processes["proxy"].kill()
        town.processes["proxy"].start()
        crew.acts(number, range(6, 7))
        town.all_alive(but=("server-1", "worker-1", on_duty))
        homes = [each.home for each in town.processes.values()]
        with kills.reading(
            ground.database.replace("postgresql:", "postgresql+psycopg:")
        ) as session:
            kills.judge(session, homes, crew.found)
    assert crew.found.faults == []
    assert crew.found.letters == 2
    with psycopg.connect(ground.database) as there:
        keys = there.execute("SELECT idempotency_key FROM prefect.flow_run").fetchall()
    asked = Counter(key for (key,) in keys if key is not None)
    assert set(asked.values()) == {1}  # neither scheduler began what the other had begun


def test_a_form_of_one_server_is_good_at_another_of_the_same_secret_alone() -> None:
    """Its token, and the secret that a phone was shown."""
    scope = {
        "type": "http",
        "headers": [(b"cookie", b"disclosure_form=" + b"n" * 22)],
        "scheme": "http",
    }
    token, _ = FormTokens(SECRET).token(scope, CLERK)
    assert FormTokens(SECRET).is_ours(scope, token, CLERK)
    assert not FormTokens(SECRET).is_ours(scope, token, LEADER)
    for other in ("", f"{SECRET}x"):
        assert not FormTokens(other).is_ours(scope, token, CLERK)
    shown = ShownSecrets(SECRET).seal(CLERK, "invited", "secret")
    assert ShownSecrets(SECRET).open(CLERK, "invited", shown) == "secret"
    assert ShownSecrets("").open(CLERK, "invited", shown) is None
    assert not FormTokens(SECRET).is_ours(scope, shown, CLERK)


def with_an_address(package: str) -> list[type[Any]]:
    """The settings of a package that say where something is."""
    found: dict[str, type[Any]] = {}
    for module in iter_modules(import_module(package).__path__, f"{package}."):
        for one in vars(import_module(module.name)).values():
            if isinstance(one, type) and issubclass(one, PrefectBaseSettings):
                found[one.__name__] = one
    several = [one for one in found.values() if "url" in one.model_fields]
    assert len(several) > 1
    return several


def test_where_several_servers_speak_to_each_other_is_one_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DISCLOSURE_REDIS", raising=False)
    assert prefect_messaging.environment() == {}
    url = "redis://:word@10.0.0.6:6379/0"
    monkeypatch.setenv("DISCLOSURE_REDIS", url)
    told = prefect_messaging.environment()
    assert told["PREFECT_SERVER_DOCKET_URL"] == url
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    for theirs in with_an_address("prefect_redis"):
        assert theirs().url == url, f"{theirs.__name__} would speak to this machine"
    modules = [one for one in told.values() if one != url]
    assert len(modules) == 5
    assert all(import_module(one) for one in modules)
    for wrong in ("10.0.0.6:6379", "http://10.0.0.6", "redis://"):
        monkeypatch.setenv("DISCLOSURE_REDIS", wrong)
        with pytest.raises(prefect_messaging.NoMessaging, match="DISCLOSURE_REDIS"):
            prefect_messaging.environment()


def test_what_a_city_lacks_is_said_before_anything_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCLOSURE_HOME", str(tmp_path))
    monkeypatch.delenv("DISCLOSURE_REDIS", raising=False)
    for command in (commands.server, commands.scheduler):
        monkeypatch.setenv("DISCLOSURE_DATABASE_URL", f"sqlite:///{tmp_path / 'register.db'}")
        with pytest.raises(worker_beside.CannotShare, match="SQLite"):
            command()
        monkeypatch.setenv("DISCLOSURE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
        monkeypatch.delenv("DISCLOSURE_OFFICE_SECRET", raising=False)
        with pytest.raises(worker_beside.CannotShare, match="DISCLOSURE_OFFICE_SECRET"):
            command()


def copied_into_the_image() -> dict[Path, Path]:
    """What the image is made from, by where it is put there."""
    said = city.compose()["worker"]["build"]["dockerfile_inline"].splitlines()
    found: dict[Path, Path] = {}
    for line in said:
        if line.startswith("COPY "):
            *named, to = line.split()[1:]
            for path in (one for name in named for one in sorted(city.ROOT.glob(name))):
                inside = Path(to) / path.name if to.endswith("/") else Path(to)
                found[inside] = path
    return found


def test_the_image_has_the_program_and_nothing_of_the_office(tmp_path: Path) -> None:
    """Key, passwords and certificate lie beside compose.yaml, and an environment beside the program: the
    whole folder put into the image would have taken all of them in.
    """
    image = tmp_path / "app"
    for inside, path in copied_into_the_image().items():
        assert not (city.FOLDER / "key").is_relative_to(path), path
        assert not (city.ROOT / ".venv").is_relative_to(path), path
        (image / inside).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        copy(path, image / inside)
    own = {"PYTHONPATH": str(image), "DISCLOSURE_HOME": str(tmp_path / "home")}
    words = (
        "from flows.shown import guide; print(*(guide.page(one.name).title for one in guide.PAGES))"
    )
    guide = subprocess.run(
        [sys.executable, "-c", words],
        cwd=image,
        env=os.environ | own,
        capture_output=True,
        check=False,
    )
    assert guide.returncode == 0, guide.stderr
    ran = subprocess.run(
        [sys.executable, "-m", "flows", "cases"], cwd=image, env=os.environ | own, check=False
    )
    assert ran.returncode == 0
    assert subprocess.run(["sh", "-n", ".ci/setup"], cwd=image, check=False).returncode == 0


@postgresql.needed
def test_servers_that_start_at_the_same_moment_make_prefects_tables_one_after_the_other(
    postgresql_server: postgresql.PostgreSQL,
) -> None:
    where = opening.address(
        postgresql_server.database("turns").replace("postgresql:", "postgresql+psycopg:")
    )
    inside, most = [0], [0]

    def start() -> None:
        with register_lease.starting(where):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            with psycopg.connect(str(where.set(drivername="postgresql")), autocommit=True) as there:
                there.execute("CREATE TABLE IF NOT EXISTS t (n int)")
                there.execute("CREATE INDEX CONCURRENTLY ON t (n)")  # as Prefect's migrations do
            inside[0] -= 1

    threads = [threading.Thread(target=start) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert not any(one.is_alive() for one in threads)
    assert most == [1]
