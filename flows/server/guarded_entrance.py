"""May the desk be opened where it is to listen? Not to a network without an account for anybody."""

from __future__ import annotations

from flows import office
from flows.installation import settings
from models.errors import DisclosureError
from models.register import accounts

SHORTEST = 16  # characters of what a proxy says to be known by


class NobodyCanLogIn(DisclosureError):
    """The desk is to be opened to others, and nobody has an account.

    by = the setting that opens it
    """

    def __init__(self, by: str) -> None:
        self.by = by
        super().__init__(
            f"{by} 向网络开放办理系统，必须先有账户：disclosure invite 姓名，再启动；未启动"
        )


class NoProxySecret(DisclosureError):
    """A proxy is to vouch for officers, and nothing tells it from any other program of its machine."""

    def __init__(self) -> None:
        super().__init__(
            f"accounts.toml 填了 single_sign_on_header 的，须设 {settings.PROXY_SECRET.name}"
            f"（至少{SHORTEST}个字符），由代理在请求头 X-Disclosure-Proxy 中送上：见 .docs/install.md"
        )


class SharedLogin(DisclosureError):
    """A setting of an earlier release asks for one login that all officers share."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(
            f"环境变量 {name}（全体共用的登录口令）已不再使用：请去掉它，"
            "为每位办理人各发邀请（disclosure invite 姓名），由本人设置口令；未启动"
        )


def guard() -> None:
    """Before the desk is opened: nobody is let in from a network without an account, and an earlier
    release's shared login is not taken for one; who vouches for officers has a secret. Raises
    NobodyCanLogIn, SharedLogin, NoProxySecret.
    """
    if name := settings.former():
        raise SharedLogin(name)
    where, rules = office.entrance(), office.agency().accounts
    if rules.single_sign_on_header and len(settings.PROXY_SECRET.value()) < SHORTEST:
        raise NoProxySecret
    with office.reading() as session:
        somebody = accounts.can_log_in(session) or bool(rules.single_sign_on_header)
    if somebody:
        return
    if not where.only_here:
        raise NobodyCanLogIn(f"{settings.LISTEN.name}={where.listen}")
    if where.hosts:
        raise NobodyCanLogIn(f"{settings.HOSTS.name}={','.join(where.hosts)}")
    if rules.proxies:
        raise NobodyCanLogIn(f"accounts.toml 的 proxies（{'、'.join(rules.proxies)}）")
