"""Every setting of an installation: the environment variables, what each says, and what holds without it.

Read here alone, each at the moment it is asked for. `.docs/reference/settings.md` is made from this.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from models.errors import DisclosureError


@dataclass(frozen=True)
class Setting:
    """One environment variable.

    meaning    what whoever installs it reads        default  what holds where it is not set
    otherwise  that in words, where it is not a fixed value
    """

    name: str
    meaning: str
    default: str = ""
    otherwise: str = ""

    def value(self) -> str:
        """What it says now; its default where it is not set or empty."""
        return os.environ.get(self.name) or self.default


class BadSetting(DisclosureError):
    """An environment variable does not hold what it must."""

    def __init__(self, name: str, value: str, expected: str) -> None:
        self.name, self.value, self.expected = name, value, expected
        super().__init__(f"环境变量 {name} 的值“{value}”有误：{expected}")


HOME = Setting(
    "DISCLOSURE_HOME",
    "存放数据库、文书、年度报告和 Prefect 数据的目录",
    otherwise="`~/.disclosure`",
)
DATABASE = Setting(
    "DISCLOSURE_DATABASE_URL",
    "登记簿和 Prefect 的表所在的数据库；PostgreSQL 写 `postgresql://用户:口令@主机/库名`",
    otherwise="`DISCLOSURE_HOME` 里的 SQLite（`register.db`、`prefect/prefect.db`）",
)
CONFIG = Setting("DISCLOSURE_CONFIG", "`config/` 所在的目录", otherwise="程序旁边的 `config/`")
PORT = Setting("DISCLOSURE_PORT", "界面的端口", "4200")
LISTEN = Setting(
    "DISCLOSURE_LISTEN",
    "界面所听的 IP 地址；不是本机地址（127.0.0.1）的，必须有人有账户（`disclosure invite`）",
    "127.0.0.1",
)
HOSTS = Setting(
    "DISCLOSURE_HOSTS",
    "界面以哪些主机名访问（如 `office.example.cn`），可写几个，以逗号分开；IP 地址不必写。"
    "写了的，必须有人有账户",
    otherwise="只接受 IP 地址和 localhost",
)
KEY = Setting(
    "DISCLOSURE_KEY",
    "加密身份证明号码、联系方式、通信地址的密钥，可写几个，以逗号分开：用第一个加密，每个都能打开",
    otherwise="见 `DISCLOSURE_KEY_FILE`",
)
KEY_FILE = Setting(
    "DISCLOSURE_KEY_FILE",
    "写有密钥的文件，每行一个，次序同上",
    otherwise="`DISCLOSURE_HOME` 里的 `key`，首次使用时生成",
)
CODES = Setting(
    "DISCLOSURE_CODES",
    "办理每一步是否须填动态口令：`on` 或 `off`；只管办理，登录总须填写",
    otherwise="有一人登记（`disclosure enrol`）即须填写",
)
PROXY_SECRET = Setting(
    "DISCLOSURE_PROXY_SECRET",
    "前面的反向代理在请求头 `X-Disclosure-Proxy` 中送上的密语，至少16个字符；设了的，没有它的请求"
    "不算从代理来。单点登录（`accounts.toml` 的 `single_sign_on_header`）须设",
    otherwise="只凭地址认代理，不能单点登录",
)
SMTP_PASSWORD = Setting(
    "DISCLOSURE_SMTP_PASSWORD",
    "邮件服务器的口令；服务器写在 `config/office/sending.toml`",
    otherwise="无口令",
)
TODAY = Setting(
    "DISCLOSURE_TODAY", "固定“今天”（如 `2026-03-02`），供培训和测试", otherwise="上海的当日"
)
TODAY_FILE = Setting(
    "DISCLOSURE_TODAY_FILE",
    "第一行写有“今天”的文件，每次都重新读，改了立即生效",
    otherwise="上海的当日",
)
WORKER = Setting(
    "DISCLOSURE_WORKER",
    "由谁执行流程：`warm`（常驻，不到一秒出现下一张表单）或 `process`（每张表单另起一个进程，慢几秒）",
    "warm",
)

SERVER = Setting(
    "DISCLOSURE_SERVER",
    "`disclosure worker` 为哪里的办理系统执行流程（`disclosure scheduler` 也照此），如 `http://10.0.0.5:4200`；"
    "办理系统在同一台机器的不必设",
    otherwise="本机的 `DISCLOSURE_PORT`",
)
OFFICE_SECRET = Setting(
    "DISCLOSURE_OFFICE_SECRET",
    "办理系统与另起的各部分（`disclosure worker`、`server`、`scheduler`）共用的密语，至少32个英文字母、"
    "数字或符号，各处一致；"
    "持有它的可以代办理系统行事，须与密钥一样保管",
    otherwise="每次启动自行生成，不能另起别的部分",
)

REDIS = Setting(
    "DISCLOSURE_REDIS",
    "几台服务器（`disclosure server`）之间由 Prefect 互传消息的 Redis，如 `redis://:口令@10.0.0.6:6379/0`"
    "（加密的为 `rediss://`）；每台服务器同样设",
    otherwise="只有一台服务器，不用 Redis",
)

CLAMAV = Setting(
    "DISCLOSURE_CLAMAV",
    "病毒扫描程序（ClamAV 的 clamd）的套接字：路径（如 `/run/clamav/clamd.ctl`），或者 `主机:端口`；"
    "设了的，材料存入以前先扫描，扫描程序没有回答的不存入",
    otherwise="不扫描",
)

MATERIALS = Setting(
    "DISCLOSURE_MATERIALS",
    "案卷材料存放在哪个 S3 兼容的对象存储：`s3://标识:口令@主机/桶/前缀`（不加密的内网写 `s3+http://`，"
    "地域写 `?region=…`）；供几台机器共同办理的机关用，材料照样加密。从目录改为桶的，"
    "办理系统启动以后把目录里已有的移入",
    otherwise="`DISCLOSURE_HOME` 里的 `materials`",
)

SETTINGS = (
    HOME,
    DATABASE,
    CONFIG,
    PORT,
    LISTEN,
    HOSTS,
    KEY,
    KEY_FILE,
    CODES,
    PROXY_SECRET,
    SMTP_PASSWORD,
    TODAY,
    TODAY_FILE,
    WORKER,
    SERVER,
    OFFICE_SECRET,
    REDIS,
    CLAMAV,
    MATERIALS,
)
"""All there are, in the order in which they are listed."""

FORMER = ("DISCLOSURE_LOGIN", "DISCLOSURE_LOGIN_FILE")
"""Settings of earlier releases: the login that all officers shared."""


def former() -> str:
    """A setting of an earlier release that is still there, if one is."""
    return next((name for name in FORMER if os.environ.get(name)), "")
