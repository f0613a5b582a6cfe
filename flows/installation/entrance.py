"""Where the desk is reached, and who asks there: what stands behind its doors (front_door.py) knows this."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from models.errors import DisclosureError

LOOPBACK: Final = "127.0.0.1"

BOOKMARKS: Final = "/desk/"
LOGIN, LOGOUT, SUPPLY = "/login", "/logout", "/supply"
AGAIN: Final = f"{LOGIN}/again"
"""Where a form of ours is led that is sent after its visit has ended."""
SUPPLY_GUIDE: Final = f"{SUPPLY}/guide"
"""The page of the guide for whoever only supplies records."""
FEED: Final = "/calendar/feed"
"""Below it, calendar programs read what the secret in the address opens (flows/server/calendar_pages.py)."""
OURS: Final = ("/letters/", "/drafts/", "/applicants/", "/reports/", BOOKMARKS)
"""Our own pages: none is served that does not stand here (shown/pages.py, bookmarks.py), but those of
logging in, and what an office of our own supplies."""
OPEN: Final = ("/api/health", "/api/ready")
NOT_IN: Final = "请先登录"
NOT_OPEN: Final = "办理系统没有账户，只能在本机使用；供他人访问的，请管理员先邀请办理人"
ONLY_SUPPLIES: Final = "只提供材料的人员不能查看这一页"

CALLER: Final = "disclosure.caller"
"""Under which key a request bears who asks: the office, or a person."""
NAMELESS: Final = "未具名"


@dataclass(frozen=True)
class Visitor:
    """Who is behind a request, as the register says (flows/server/visits.py).

    asked = whether officers log in here       officer = who is logged in; "" = nobody
    visit = what his visit is kept under       vouched = whether a proxy says that it is he
    only_supplies = he says what his department found, and sees nothing else
    proxied = whether others may come through a proxy of ours
    """

    asked: bool = False
    officer: str = ""
    visit: str = ""
    vouched: bool = False
    only_supplies: bool = False
    address: str = ""
    proxied: bool = False


@dataclass(frozen=True)
class Caller:
    """Who asks: a person by name, or the office itself, which bears its secret.

    officer = who is logged in; "" where nobody has to be, and for the office
    visit = what his visit is kept under       vouched = whether a proxy says that it is he
    asked = whether officers log in here       address = where the request comes from
    """

    name: str
    office: bool = False
    officer: str = ""
    visit: str = ""
    vouched: bool = False
    asked: bool = False
    address: str = ""


OFFICE: Final = Caller("办理系统", office=True)


class UnknownHost(DisclosureError):
    """A name under which the desk is to be reached is none."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"“{name}”不是主机名（不带 http://、端口和路径）")


@dataclass(frozen=True)
class Entrance:
    """Where the desk listens, and under which names besides its addresses it is reached.

    Raises ValueError for what is no address, UnknownHost.
    """

    listen: str = LOOPBACK
    hosts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        ip_address(self.listen)
        for name in self.hosts:
            if name_of(name) != name or not name:
                raise UnknownHost(name)

    @property
    def only_here(self) -> bool:
        """Whether nobody from another machine can reach it."""
        return ip_address(self.listen).is_loopback

    @property
    def for_others(self) -> bool:
        """Whether others are to reach it: from the network, or under a name that it was given."""
        return not self.only_here or bool(self.hosts)

    @property
    def reached_at(self) -> str:
        """The address under which this machine itself reaches the desk, as URLs write it."""
        address = ip_address(self.listen)
        if address.is_unspecified:
            return LOOPBACK
        return f"[{address}]" if isinstance(address, IPv6Address) else str(address)

    def is_ours(self, host: str) -> bool:
        """Whether a request bears a name of ours: the machine's own, one that was named, or an
        address, if the desk is open to a network. No page elsewhere can bear one of these (DNS
        rebinding needs a name).
        """
        name = name_of(host)
        if name == "localhost" or name in self.hosts:
            return True
        try:
            address = ip_address(name)
        except ValueError:
            return False
        listened = ip_address(self.listen)
        return address.is_loopback or address == listened or listened.is_unspecified


def name_of(host: str) -> str:
    """The name or address in a Host header, without its port; "" if it is none."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
