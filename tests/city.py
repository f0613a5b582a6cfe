"""A city as its installer finds it in `.docs/city/`, its processes started on addresses of this machine.

Command lines and settings are taken from the files themselves: the first server, scheduler and
worker as the systemd units have them, the second of each and Redis as compose.yaml has them, the proxy
with haproxy.cfg. Only hosts, ports, paths and passwords are others (`Ground.here`), PostgreSQL is one of the
tests' own, and the proxy's door of HTTPS is left out: there is no certificate.

Needs PostgreSQL, Redis and HAProxy (Debian's packages).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from models.store.sealing import new_key
from tests import kills
from tests.begun import Begun
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".docs" / "city"
HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
REDIS = shutil.which("redis-server")
PROXY, SERVERS, MESSAGES = "127.0.0.10", ("127.0.0.11", "127.0.0.12"), "127.0.0.6"
READY = {"server": "服务器已就绪", "scheduler": "定时程序已就绪", "worker": "执行程序已就绪"}
WAITING = "等待接替"
NO_PROXY = "TESTS_WITHOUT_PROXY"  # said by .ci/run

needed = pytest.mark.skipif(
    not (REDIS and HAPROXY) and not (os.environ.get("CI") and not os.environ.get(NO_PROXY)),
    reason="需要 Redis 和 HAProxy（apt install redis-server haproxy）",
)
"""Where they are missing, CI may not skip, unless no proxy is to be had from Debian's mirror."""


@dataclass
class Ground:
    """What of the files is other on this machine. workers = how many, where not as many as there"""

    folder: Path
    database: str
    port: int = field(default_factory=free_port)
    redis: int = field(default_factory=free_port)
    workers: int | None = None

    def here(self, said: str) -> str:
        """A line of the files, as it is on this machine."""
        said = re.sub(r"postgresql://\S+", self.database, said)
        said = re.sub(r"s3\+http://\S+", "", said)  # no bucket: nobody adds materials here
        said = re.sub(r"\b10\.0\.0\.(\d+)", r"127.0.0.\1", said)
        said = re.sub(r"(?<![\d.])6379\b", str(self.redis), said)
        said = re.sub(r"(?<![\d.])4200\b", str(self.port), said)
        for path, mine in self._paths().items():
            said = said.replace(path, mine)
        return said

    def _paths(self) -> Mapping[str, str]:
        return {
            "/srv/disclosure/app/.venv/bin/disclosure": f"{sys.executable} -m flows",
            "/srv/disclosure/app": str(ROOT),
            "/srv/disclosure/data": str(self.folder / "data"),
            "/etc/disclosure/config": str(self.folder / "config"),
            "/etc/disclosure/key": str(self.folder / "key"),
        }


def prepared(to: Path) -> None:
    """The config as it is shipped, with the proxy named as one whose word is taken."""
    shutil.copytree(ROOT / "config", to)
    file = to / "office" / "accounts.toml"
    text = file.read_text("utf-8")
    assert "\nproxies = []\n" in text
    file.write_text(text.replace("\nproxies = []\n", f'\nproxies = ["{PROXY}"]\n'), "utf-8")


def ground(folder: Path, database: str, patch: pytest.MonkeyPatch) -> Ground:
    """What the installer prepares, and this process as one who looks into the register."""
    made, key = Ground(folder, database), new_key()
    prepared(folder / "config")
    (folder / "key").write_text(f"{key}\n", "ascii")
    for name in ("DISCLOSURE_KEY_FILE", "DISCLOSURE_CODES", "DISCLOSURE_WORKER"):
        patch.delenv(name, raising=False)
    patch.setenv("DISCLOSURE_KEY", key)
    patch.setenv("DISCLOSURE_CONFIG", str(folder / "config"))
    patch.setenv("DISCLOSURE_HOME", str(folder / "looking"))
    patch.setenv("DISCLOSURE_DATABASE_URL", database)
    patch.setenv("DISCLOSURE_TODAY", kills.DAY)
    return made


class Process(Begun):
    """One process of the city; its home is its own, as on a machine of its own."""

    stops_within = 60.0

    def __init__(
        self, name: str, command: list[str], settings: dict[str, str], folder: Path
    ) -> None:
        self.name, self.home = name, folder / name
        ours = {**os.environ, "PYTHONPATH": str(ROOT), "DISCLOSURE_TODAY": kills.DAY}
        own = {"DISCLOSURE_HOME": str(self.home)} if "DISCLOSURE_HOME" in settings else {}
        super().__init__(command, ours | settings | own, folder / f"{name}.log")

    def all_said(self) -> str:
        """Of a server, what Prefect's wrote, too."""
        server = self.home / "prefect" / "server.log"
        prefect = server.read_text("utf-8", errors="replace") if server.exists() else ""
        return f"{super().all_said()}\n{prefect[-20_000:]}"


def unit(name: str) -> dict[str, list[str]]:
    """A systemd unit's lines by their key, those of one key in order."""
    found: dict[str, list[str]] = {}
    for line in (FOLDER / name).read_text("utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def settings_file() -> str:
    """The file of settings that units and containers share."""
    return (FOLDER / "disclosure.env").read_text("utf-8")


def _settings(text: str) -> dict[str, str]:
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return dict(line.split("=", 1) for line in lines)


def compose() -> dict[str, Any]:
    """compose.yaml's services."""
    services: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))[
        "services"
    ]
    return services


class City:
    """All its processes, by name."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.site = f"http://{PROXY}:{ground.port}"
        self.servers = [f"http://{one}:{ground.port}" for one in SERVERS]
        self.processes: dict[str, Process] = {}
        self._of_units()
        self._of_compose()
        self._proxy()

    def _of_units(self) -> None:
        given = _settings(self.ground.here(settings_file()))
        for kind in READY:
            name = f"disclosure-{kind}{'@' if kind == 'worker' else ''}.service"
            lines = unit(name)
            assert lines["EnvironmentFile"][0] == "/etc/disclosure/city"
            own = {"DISCLOSURE_LISTEN": SERVERS[0]} if len(lines["EnvironmentFile"]) > 1 else {}
            command = shlex.split(self.ground.here(lines["ExecStart"][0]))
            self._add(f"{kind}-1", command, given | own)

    def _of_compose(self) -> None:
        services = compose()
        given = _settings(self.ground.here(settings_file()))
        for name, kind in (("server-two", "server"), ("scheduler",) * 2, ("worker",) * 2):
            service = services[name]
            assert service["env_file"] == ["disclosure.env"]
            own = {
                key: self.ground.here(said) for key, said in service.get("environment", {}).items()
            }
            program, *words = service["command"]
            assert program == "disclosure"
            replicas = service.get("deploy", {}).get("replicas", 2)  # the first is the unit's
            if kind == "worker" and self.ground.workers is not None:
                replicas = self.ground.workers
            for place in range(2, replicas + 1):
                command = [sys.executable, "-m", "flows", *words]
                self._add(f"{kind}-{place}", command, given | own)
        redis = [self.ground.here(word) for word in services["redis"]["command"]]
        password = given["DISCLOSURE_REDIS"].partition("redis://:")[2].partition("@")[0]
        redis = [re.sub(r"\$\{REDIS_PASSWORD:.*\}", password, word) for word in redis]
        self._add("redis", [*redis, "--bind", MESSAGES, "--dir", str(self.ground.folder)], {})

    def _proxy(self) -> None:
        assert HAPROXY is not None
        file = self.ground.folder / "haproxy.cfg"
        text = self.ground.here((FOLDER / "haproxy.cfg").read_text("utf-8"))
        parts = text.split("\n\n")  # the desk's door is that of HTTPS: no certificate here
        kept = [one for one in parts if " ssl crt " not in one]
        assert len(kept) == len(parts) - 1
        file.write_text("\n\n".join(kept), "utf-8")
        self._add("proxy", [HAPROXY, "-db", "-f", str(file)], {})

    def _add(self, name: str, command: list[str], settings: dict[str, str]) -> None:
        self.processes[name] = Process(name, command, settings, self.ground.folder)

    def start(self) -> None:
        """All at once, as after a power cut; returns when each says that it is ready, or waits."""
        for one in self.processes.values():
            one.start()
        for kind in ("server", "worker"):
            for name, one in self.processes.items():
                if name.startswith(kind):
                    one.until(READY[kind])
        duty = self.until_on_duty()
        other = "scheduler-2" if duty == "scheduler-1" else "scheduler-1"
        self.processes[other].until(WAITING)

    def until_on_duty(self) -> str:
        """Which scheduler is at work, once one is."""
        patience = time.monotonic() + kills.PATIENCE
        both = [self.processes[f"scheduler-{place}"] for place in (1, 2)]
        while True:
            for one in both:
                assert one.process is not None
                if one.process.poll() is None and READY["scheduler"] in one.said():
                    return one.name
                dead = one.process.poll() not in (None, -signal.SIGKILL)
                assert not dead, one.all_said()
            assert time.monotonic() < patience, [one.said() for one in both]
            time.sleep(0.1)

    def all_alive(self, but: Collection[str]) -> None:
        """Nobody gave up but those who were killed."""
        for name, one in self.processes.items():
            assert one.process is not None
            assert name in but or one.process.poll() is None, one.all_said()

    def stop(self) -> None:
        """Whoever works, then whom they ask: what tells a server that is gone of its end waits long."""
        for kind in ("worker", "scheduler", "server", "proxy", "redis"):
            for name, one in self.processes.items():
                if name.startswith(kind):
                    one.stop()


@contextmanager
def running(ground: Ground) -> Iterator[City]:
    """The city while the block lasts."""
    city = City(ground)
    try:
        city.start()
        yield city
    finally:
        city.stop()
