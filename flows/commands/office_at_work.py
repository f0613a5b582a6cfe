"""How does a command reach the office that is at work on this machine?"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.installation.entrance import Entrance


def speak_as_the_office(port: int, entrance: Entrance) -> None:
    """Reach the office at work on this machine as itself: by its secret, readable to its user."""
    from flows import office
    from flows.installation import office_secret
    from flows.server import server_process

    prefect = office.home() / "prefect"
    secret = office_secret.kept(prefect)
    os.environ |= server_process.environment(prefect, port, entrance, secret=secret)
