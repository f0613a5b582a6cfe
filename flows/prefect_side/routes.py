"""Every address of Prefect's server, and who may ask it.

Prefect's API makes no difference between whoever reaches it: all of it is an administrator's. So
each of its routes stands here with our decision, and what does not stand here is refused.
`tests/test_routes.py` fails when an installed Prefect has a route that is not listed, or has not one
that is. A route of some versions only bears them: `3.9+`, or `-3.9` for those before.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final
from uuid import UUID

from starlette.routing import compile_path

SOCKET: Final = "SOCKET"  # in place of a method: a websocket, where Prefect itself asks the secret
API: Final = "/api"


class Whose(StrEnum):
    """Who may ask a route."""

    OFFICERS = "officers"
    OFFICE = "office"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Route:
    """One of Prefect's routes: its method, its path as Prefect writes it, who may ask it, and why
    nobody else may, as it is said to whoever tries. `versions` = "" for all.
    """

    method: str
    path: str
    whose: Whose
    why: str = ""
    versions: str = ""


TABLE: Final = """
officers
  GET     /ui-settings
  GET     /api/health
  GET     /api/ready
  GET     /api/version
  GET     /api/hello
  GET     /api/admin/version
  GET     /api/csrf-token

officers    what is to be done, and was done
  GET     /api/flows/{id:uuid}
  GET     /api/flows/name/{name}
  POST    /api/flows/count
  POST    /api/flows/filter
  POST    /api/flows/paginate
  GET     /api/flow_runs/{id:uuid}
  GET     /api/flow_runs/{id:uuid}/graph
  GET     /api/flow_runs/{id:uuid}/graph-v2
  GET     /api/flow_runs/{id:uuid}/logs/download
  POST    /api/flow_runs/count
  POST    /api/flow_runs/filter
  POST    /api/flow_runs/history
  POST    /api/flow_runs/lateness
  POST    /api/flow_runs/paginate
  GET     /api/flow_run_states/
  GET     /api/flow_run_states/{id:uuid}
  GET     /api/task_runs/{id:uuid}
  POST    /api/task_runs/count
  POST    /api/task_runs/filter
  POST    /api/task_runs/history
  POST    /api/task_runs/paginate
  GET     /api/task_run_states/
  GET     /api/task_run_states/{id:uuid}
  GET     /api/deployments/{id:uuid}
  GET     /api/deployments/{id:uuid}/schedules
  GET     /api/deployments/{id:uuid}/work_queue_check
  GET     /api/deployments/name/{flow_name}/{deployment_name}
  POST    /api/deployments/count
  POST    /api/deployments/filter
  POST    /api/deployments/paginate
  GET     /api/artifacts/{id:uuid}
  GET     /api/artifacts/{key}/latest
  POST    /api/artifacts/count
  POST    /api/artifacts/filter
  POST    /api/artifacts/latest/count
  POST    /api/artifacts/latest/filter
  POST    /api/logs/filter
  POST    /api/events/filter
  GET     /api/events/filter/next
  POST    /api/events/count-by/{countable}
  GET     /api/saved_searches/{id:uuid}
  POST    /api/saved_searches/filter
  POST    /api/ui/flows/count-deployments
  POST    /api/ui/flows/next-runs
  POST    /api/ui/flow_runs/count-task-runs
  POST    /api/ui/flow_runs/history
  GET     /api/ui/task_runs/{id:uuid}
  POST    /api/ui/task_runs/count
  POST    /api/ui/task_runs/dashboard/counts

officers    what the pages show beside it
  GET     /api/collections/views/{view}
  GET     /api/work_pools/{name}
  POST    /api/work_pools/count
  POST    /api/work_pools/filter
  POST    /api/work_pools/{name}/concurrency_status
  GET     /api/work_pools/{work_pool_name}/queues/{name}
  POST    /api/work_pools/{work_pool_name}/queues/filter
  POST    /api/work_pools/{work_pool_name}/workers/filter
  GET     /api/work_queues/{id:uuid}
  GET     /api/work_queues/{id:uuid}/status
  GET     /api/work_queues/name/{name}
  POST    /api/work_queues/filter
  GET     /api/automations/related-to/{resource_id:str}
  POST    /api/automations/count
  POST    /api/automations/filter

officers    what an officer does, or a page needs a word of: flows/server/persons.py looks at each
  GET     /api/admin/settings
  GET     /api/flow_runs/{id:uuid}/input/{key}
  POST    /api/ui/schemas/validate
  POST    /api/deployments/{id:uuid}/create_flow_run
  POST    /api/flow_runs/{id:uuid}/resume
  POST    /api/flow_runs/{id:uuid}/set_state

office    只从办理表单开始
  POST    /api/flow_runs/
  POST    /api/task_runs/

office    办理流程由办理系统自己推进
  PATCH   /api/flow_runs/{id:uuid}
  PATCH   /api/flow_runs/{id:uuid}/labels
  PATCH   /api/task_runs/{id:uuid}
  POST    /api/task_runs/{id:uuid}/set_state

office    已提交的内容不能删除，也不能另行写入、读取
  DELETE  /api/flow_runs/{id:uuid}
  POST    /api/flow_runs/bulk_delete
  DELETE  /api/task_runs/{id:uuid}
  POST    /api/flow_runs/{id:uuid}/input
  POST    /api/flow_runs/{id:uuid}/input/filter
  DELETE  /api/flow_runs/{id:uuid}/input/{key}

office    办理表单、工作池由办理系统自己设置
  POST    /api/flows/
  PATCH   /api/flows/{id:uuid}
  DELETE  /api/flows/{id:uuid}
  POST    /api/flows/bulk_delete
  POST    /api/deployments/
  PATCH   /api/deployments/{id:uuid}
  DELETE  /api/deployments/{id:uuid}
  POST    /api/deployments/bulk_delete
  POST    /api/deployments/{id:uuid}/pause_deployment
  POST    /api/deployments/{id:uuid}/resume_deployment
  POST    /api/deployments/get_scheduled_flow_runs
  POST    /api/work_pools/
  PATCH   /api/work_pools/{name}
  DELETE  /api/work_pools/{name}
  POST    /api/work_pools/{name}/get_scheduled_flow_runs
  POST    /api/work_pools/{work_pool_name}/queues
  PATCH   /api/work_pools/{work_pool_name}/queues/{name}
  DELETE  /api/work_pools/{work_pool_name}/queues/{name}
  POST    /api/work_pools/{work_pool_name}/workers/heartbeat
  DELETE  /api/work_pools/{work_pool_name}/workers/{name}
  SOCKET  /api/work_pools/{work_pool_name}/workers/connect
  POST    /api/work_queues/
  PATCH   /api/work_queues/{id:uuid}
  DELETE  /api/work_queues/{id:uuid}
  POST    /api/work_queues/{id:uuid}/get_runs
  POST    /api/work_queues/{id:uuid}/concurrency_status

office    清单、卷宗、筛选和日志由办理系统自己生成
  POST    /api/artifacts/
  PATCH   /api/artifacts/{id:uuid}
  DELETE  /api/artifacts/{id:uuid}
  PUT     /api/saved_searches/
  DELETE  /api/saved_searches/{id:uuid}
  POST    /api/logs/
  SOCKET  /api/logs/out
  POST    /api/events
  SOCKET  /api/events/in
  SOCKET  /api/events/out
  SOCKET  /api/task_runs/subscriptions/scheduled
  POST    /api/task_workers/filter
  GET     /api/observed-states    3.9+

office    可能含有口令
  GET     /api/block_capabilities/
  POST    /api/block_documents/
  GET     /api/block_documents/{id:uuid}
  PATCH   /api/block_documents/{id:uuid}
  DELETE  /api/block_documents/{id:uuid}
  POST    /api/block_documents/count
  POST    /api/block_documents/filter
  POST    /api/block_schemas/
  GET     /api/block_schemas/{id:uuid}
  DELETE  /api/block_schemas/{id:uuid}
  GET     /api/block_schemas/checksum/{checksum}
  POST    /api/block_schemas/filter
  POST    /api/block_types/
  GET     /api/block_types/{id:uuid}
  PATCH   /api/block_types/{id:uuid}
  DELETE  /api/block_types/{id:uuid}
  POST    /api/block_types/filter
  GET     /api/block_types/slug/{slug}
  GET     /api/block_types/slug/{slug}/block_documents
  GET     /api/block_types/slug/{slug}/block_documents/name/{block_document_name}
  POST    /api/block_types/install_system_block_types
  GET     /api/variables/{id:uuid}
  GET     /api/variables/name/{name:str}
  POST    /api/variables/count
  POST    /api/variables/filter
  GET     /api/admin/storage

office    只供维护人员查阅
  GET     /openapi.json
  HEAD    /openapi.json
  GET     /docs
  HEAD    /docs
  GET     /docs/oauth2-redirect
  HEAD    /docs/oauth2-redirect
  GET     /redoc
  HEAD    /redoc
  GET     /api/openapi.json
  HEAD    /api/openapi.json
  GET     /api/docs
  HEAD    /api/docs
  GET     /api/docs/oauth2-redirect
  HEAD    /api/docs/oauth2-redirect
  GET     /api/redoc
  HEAD    /api/redoc
  GET     /api/automations/{id:uuid}

nobody    办理系统不用，任何人不能用
  POST    /api/flow_runs/bulk_set_state
  POST    /api/deployments/{id:uuid}/create_flow_run/bulk
  POST    /api/deployments/{id:uuid}/schedule
  POST    /api/deployments/{id:uuid}/schedules
  PATCH   /api/deployments/{id:uuid}/schedules/{schedule_id:uuid}
  DELETE  /api/deployments/{id:uuid}/schedules/{schedule_id:uuid}
  POST    /api/variables/
  PATCH   /api/variables/{id:uuid}
  PATCH   /api/variables/name/{name:str}
  DELETE  /api/variables/{id:uuid}
  DELETE  /api/variables/name/{name:str}
  POST    /api/automations/
  PUT     /api/automations/{id:uuid}
  PATCH   /api/automations/{id:uuid}
  DELETE  /api/automations/{id:uuid}
  DELETE  /api/automations/owned-by/{resource_id:str}
  POST    /api/automations/templates/validate
  POST    /api/templates/validate
  POST    /api/concurrency_limits/
  GET     /api/concurrency_limits/{id:uuid}
  DELETE  /api/concurrency_limits/{id:uuid}
  GET     /api/concurrency_limits/tag/{tag}
  DELETE  /api/concurrency_limits/tag/{tag}
  POST    /api/concurrency_limits/tag/{tag}/reset
  POST    /api/concurrency_limits/filter
  POST    /api/concurrency_limits/increment
  POST    /api/concurrency_limits/decrement
  POST    /api/v2/concurrency_limits/
  GET     /api/v2/concurrency_limits/{id_or_name}
  PATCH   /api/v2/concurrency_limits/{id_or_name}
  DELETE  /api/v2/concurrency_limits/{id_or_name}
  POST    /api/v2/concurrency_limits/filter
  POST    /api/v2/concurrency_limits/increment
  POST    /api/v2/concurrency_limits/decrement
  POST    /api/v2/concurrency_limits/increment-with-lease
  POST    /api/v2/concurrency_limits/decrement-with-lease
  POST    /api/v2/concurrency_limits/leases/{lease_id}/renew
  PUT     /api/admin/storage
  DELETE  /api/admin/storage
"""

_ID: Final = re.compile("^[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}$")
UNLISTED: Final = "办理系统没有这一项"
"""Why what does not stand in the table is refused."""


def routes() -> Iterator[Route]:
    """The table, one route after the other."""
    whose, why = Whose.NOBODY, ""
    for line in TABLE.strip().splitlines():
        if line and not line.startswith(" "):
            named, _, why = line.partition(" ")
            whose, why = Whose(named), why.strip()
        elif line:
            method, path, *versions = line.split()
            yield Route(method, path, whose, why, "".join(versions))


def of_version(route: Route, version: str) -> bool:
    """Whether Prefect has the route in a version, such as 3.8.8."""
    if not route.versions:
        return True
    at = _numbers(version)
    if route.versions.endswith("+"):
        return at >= _numbers(route.versions[:-1])
    return at < _numbers(route.versions[1:])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:2]))


def asked(method: str, path: str) -> Route:
    """The route that a request asks; of several that its path fits, the one open to fewest. What
    stands in no line is nobody's, but for the files of Prefect's pages, which anybody reads.
    """
    found = [route for pattern, route in _patterns().get(method, ()) if pattern.match(path)]
    if found and _written_once(path):
        return max(found, key=lambda route: list(Whose).index(route.whose))
    of_pages = method in ("GET", "HEAD") and _written_once(path) and path != API
    of_pages = of_pages and not path.startswith(f"{API}/")
    return Route(method, "", Whose.OFFICERS if of_pages else Whose.NOBODY, UNLISTED)


def _written_once(path: str) -> bool:
    """Whether an address is written as ours are: Prefect takes an id in capitals or without dashes
    too, and what looks at a request by its address (flows/server) would not know it.
    """
    ids = [part for part in path.split("/") if _ID.match(part)]
    return path.isprintable() and all(str(UUID(one)) == one for one in ids)


@cache
def _patterns() -> dict[str, list[tuple[re.Pattern[str], Route]]]:
    """By method, how the paths of the table are told, as Prefect's own router tells them."""
    found: dict[str, list[tuple[re.Pattern[str], Route]]] = defaultdict(list)
    for route in routes():
        found[route.method].append((compile_path(route.path)[0], route))
    return found
