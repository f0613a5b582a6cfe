"""The product's clock, desk, disk and services are those of an office of ours while a block lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, event

from flows import office
from flows.commands.ledger_commands import seldom_collected
from flows.installation import kept_config, keys, opening
from flows.path import desk, presenting, righting
from flows.printing import sheets
from flows.server import desk_check
from flows.year import annual_report
from models.law import statute_files
from models.law.statute import Statute
from models.store.sealing import new_key
from tests import compiled
from tests.office_year.disk import under
from tests.office_year.messages import at_hand
from tests.office_year.world import Office

KEY = new_key()
LAWS: dict[tuple[tuple[str, bytes], ...], Statute] = {}
SETTINGS = ("DISCLOSURE_DATABASE_URL", "DISCLOSURE_TODAY", "DISCLOSURE_TODAY_FILE")


_load = statute_files.load


def _law_of(folder: Path) -> Statute:
    """The law as the files state it: read once of what is the same in many offices."""
    files = [
        *folder.glob("*.toml"),
        *folder.glob("statute/*.toml"),
        *folder.glob("workdays/*.toml"),
    ]
    held = tuple(sorted((str(path.relative_to(folder)), path.read_bytes()) for path in files))
    if held not in LAWS:
        LAWS[held] = _load(folder)
    return LAWS[held]


@contextmanager
def at_work(one: Office) -> Iterator[None]:
    """This office is the one that the product works for."""
    with pytest.MonkeyPatch.context() as patch:
        for name in SETTINGS:
            patch.delenv(name, raising=False)
        patch.setenv("DISCLOSURE_PORT", "1")  # where no office answers
        patch.setenv("DISCLOSURE_HOME", str(one.home / "office"))
        patch.setenv("DISCLOSURE_CONFIG", str(one.config))
        patch.setattr(office, "day_of_clock", lambda: one.day)
        patch.setattr(office, "now", one.now)
        patch.setattr(office, "moment", one.moment)
        for asking in (desk, presenting, righting, desk_check):
            patch.setattr(asking, "connected", one.desk.client)
        patch.setattr(statute_files, "load", _law_of)
        patch.setattr(annual_report, "png", lambda svg: sha256(svg.encode()).digest())  # slow
        _with_power(one, patch)
        _compiled_once(patch)
        _stated_once(one, patch)
        try:
            with at_hand(one.services, patch), under(one.disk), seldom_collected():
                yield
        finally:
            office.close()


def _stated_once(one: Office, patch: pytest.MonkeyPatch) -> None:
    """The files of config/ are asked for their time and size only after something was written there."""
    marks, known = kept_config._marks, dict[tuple[Path, tuple[str, ...]], tuple[Any, ...]]()

    def stated(folder: Path, parts: tuple[str, ...]) -> tuple[Any, ...]:
        if one.disk.config_changed:
            known.clear()
            one.disk.config_changed = False
        if (folder, parts) not in known:
            known[folder, parts] = tuple(marks(folder, parts))
        return known[folder, parts]

    patch.setattr(kept_config, "_marks", stated)


def _with_power(one: Office, patch: pytest.MonkeyPatch) -> None:
    """The places at which the power may go, round what the product does there."""
    writing, write = office.writing, sheets.write

    @contextmanager
    def cut_writing(**how: bool) -> Iterator[Any]:
        with writing(**how) as session:
            yield session
            one.power.passing("before commit")
        one.power.passing("after commit")

    def cut_write(letter: Any) -> bytes:
        one.power.passing("before the file")
        return write(letter)

    patch.setattr(office, "writing", cut_writing)
    patch.setattr(sheets, "write", cut_write)


def _compiled_once(patch: pytest.MonkeyPatch) -> None:
    """A register opened anew, as it often is here, goes on with what was compiled for those before.

    What is compiled seals with the key of its register: every office here has the same.
    """
    compiled.shared(patch)
    engine_of = opening.engine_of

    def unsynced(where: URL) -> Engine:
        made = engine_of(where)
        event.listen(made, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
        return made

    patch.setattr(keys, "new_key", lambda: KEY)
    patch.setattr(opening, "engine_of", unsynced)
