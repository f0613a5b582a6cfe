"""The table of Prefect's routes is whole: for the Prefect installed here, and what it says holds."""

from __future__ import annotations

from importlib.metadata import version
from uuid import UUID

import pytest

from flows.prefect_side.routes import (
    SOCKET,
    UNLISTED,
    Route,
    Whose,
    asked,
    of_version,
    routes,
)

INSTALLED = version("prefect")
ID = UUID("0199f3d4-5a6b-7c8d-9e0f-a1b2c3d4e5f6")


def test_every_route_of_the_installed_prefect_is_decided_and_no_other() -> None:
    """A new Prefect with a route that is not in the table fails here, with its name."""
    listed = {(one.method, one.path) for one in routes() if of_version(one, INSTALLED)}
    has = set(prefects_own())
    assert sorted(has - listed) == []
    assert sorted(listed - has) == []


def prefects_own() -> list[tuple[str, str]]:
    """What the installed Prefect serves, its pages' files apart: each method and path."""
    from fastapi.routing import APIRoute, APIWebSocketRoute
    from prefect.server.api import server
    from starlette.routing import Route as Plain

    app = server.create_app()
    (pages,) = [one.app for one in app.routes if getattr(one, "name", "") == "ui"]
    found = [("", app.routes), ("/api", app.api_app.routes), ("", pages.routes)]
    found += [("/api", router.routes) for router in server.API_ROUTERS]
    served = []
    for prefix, these in found:
        for one in these:
            if isinstance(one, APIWebSocketRoute):
                served.append((SOCKET, prefix + one.path))
            elif isinstance(one, APIRoute | Plain):
                served += [(method, prefix + one.path) for method in one.methods or ()]
    return served


def test_no_route_stands_there_twice_and_each_that_is_closed_says_why() -> None:
    every = list(routes())
    assert len({(one.method, one.path) for one in every}) == len(every)
    assert all(one.why for one in every if one.whose is not Whose.OFFICERS)


def test_of_two_routes_that_a_path_fits_the_narrower_one_decides() -> None:
    """Whatever of them Prefect's router takes, nothing is open by the other."""
    assert asked("POST", "/api/flow_runs/bulk_delete").whose is Whose.OFFICE
    assert asked("GET", "/api/artifacts/x/latest").whose is Whose.OFFICERS
    assert asked("POST", "/api/work_pools/filter/queues/filter").whose is Whose.OFFICERS
    assert asked("POST", "/api/work_pools/x/get_scheduled_flow_runs").whose is Whose.OFFICE


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", "/api"), ("GET", "/api/"), ("POST", "/runs"), ("OPTIONS", "/api/flows/filter")),
        *(("POST", "/api//flow_runs/filter"), ("POST", "/api/flow_runs/filter/")),
        *(("POST", "/api/flow_runs/filter\n"), ("GET", "/api/metrics"), ("GET", "/api/static/x")),
        ("POST", f"/api/flow_runs/{str(ID).upper()}/resume"),
        ("POST", f"/api/flow_runs/{ID.hex}/resume"),
        ("GET", f"/api/flow_runs/{str(ID).upper()}"),
        *(("PROPFIND", "/"), ("POST", "/graphql"), ("POST", "/api/graphql")),
    ],
)
def test_what_does_not_stand_in_the_table_is_nobodys(method: str, path: str) -> None:
    assert asked(method, path) == Route(method, "", Whose.NOBODY, UNLISTED)


@pytest.mark.parametrize("path", ["/", "/runs", "/assets/index.js", "/deployments/x", "/apis"])
def test_the_files_of_the_pages_are_anybodys_to_read(path: str) -> None:
    assert asked("GET", path).whose is Whose.OFFICERS


def test_a_route_of_some_versions_only_is_told_by_them() -> None:
    later, earlier = (Route("GET", "/x", Whose.OFFICE, "", which) for which in ("3.9+", "-3.9"))
    told = [(of_version(later, at), of_version(earlier, at)) for at in ("3.8.9", "3.9.0", "3.10.1")]
    assert told == [(False, True), (True, False), (True, False)]
