"""`disclosure enrol`, `invite`, `accounts`: an officer's phone learns the secret under which the
officer signs, and the officer gets an account to log in with.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import segno

from flows import office
from models.agency.officers import NAME_LONGEST
from models.errors import DisclosureError
from models.register import access_log, accounts, codes, feeds


class NotListed(DisclosureError):
    """Codes are asked for somebody who is not among the agency's officers."""

    def __init__(self, officer: str) -> None:
        self.officer = officer
        super().__init__(f"“{officer}”不在办理人员名单中（config/office/officers.toml）")


class NoName(DisclosureError):
    """What was given is not a name under which acts are recorded."""

    def __init__(self) -> None:
        super().__init__(f"姓名不能为空，最多{NAME_LONGEST}个字")


def enrol(officer: str) -> Iterator[str]:
    """Enrol an officer: what to show in the terminal, once, to be scanned and then wiped away.

    Raises NotListed, AlreadyEnrolled.
    """
    agency, officer = office.agency(), _listed(officer)
    with office.writing() as session:
        secret = codes.enrol(session, officer, office.now())
        others = [name for name in codes.enrolled(session) if name != officer]
    drawn = StringIO()
    address = codes.for_phone(officer, secret, agency.name, agency.codes)
    segno.make(address, error="m").terminal(drawn, compact=True)
    yield drawn.getvalue()
    yield f"请{officer}本人用手机验证器（支持 TOTP 的应用）扫描，扫描后清除屏幕；此码不再显示。"
    yield f"不能扫描的，在验证器中手工输入密钥：{secret}"
    if not others:
        yield "自现在起，每一步都须填写动态口令；其他办理人也请登记，未登记的不能办理。"


def _listed(officer: str) -> str:
    """The name of somebody who can act here; raises NoName, NotListed."""
    agency, officer = office.agency(), officer.strip()
    if not 0 < len(officer) <= NAME_LONGEST:
        raise NoName
    if agency.officers and all(officer != one.name for one in agency.officers):
        raise NotListed(officer)
    return officer


def invite(officer: str) -> Iterator[str]:
    """Invite an officer to set a password, the first or a new one; what to pass on, once.

    Raises NoName, NotListed.
    """
    officer, rules = _listed(officer), office.agency().accounts
    with office.writing() as session:
        first = not accounts.on(session)
        code = accounts.invite(session, officer, office.now(), rules)
        access_log.write(session, "invited", office.now(), officer=officer)
        enrolled = officer in codes.enrolled(session)
    yield f"{officer}的邀请码：{code}"
    yield (
        f"请当面或者另行交给本人，{rules.invitation_hours}小时内有效，用一次即失效："
        "在登录页选“首次登录或者重设口令”，填写姓名和邀请码，设置口令"
        + ("，动态口令仍用原来的" if enrolled else "，并用手机验证器扫描动态口令的二维码")
    )
    if first:
        yield "自现在起，办理系统须登录才能使用；其他办理人也请邀请（disclosure invite 姓名）。"


def accounts_listed() -> Iterator[str]:
    """Who has an account, since when, and whether it can be used."""
    with office.reading() as session:
        found, enrolled = accounts.accounts(session), codes.enrolled(session)
    for one in found:
        if one.revoked_at is not None:
            state = f"{_when(one.revoked_at)}注销"
        elif one.password_set_at is not None:
            state = f"{_when(one.password_set_at)}设置口令"
        else:
            state = "已邀请，尚未设置口令"
        if one.invitation and one.revoked_at is None:
            state += f"，邀请码至{_when(one.invited_until)}有效"
        phone = "已登记动态口令" if one.officer in enrolled else "没有登记动态口令"
        yield f"{one.officer}\t{state}\t{phone}"
    if not found:
        yield "没有人有账户：办理系统不须登录，只能在本机使用"


def revoke_account(officer: str) -> None:
    """Take an officer's account away: whoever is logged in under it is out at once, also whoever comes
    in by single sign-on and never had one. NoAccount.
    """
    agency, officer = office.agency(), officer.strip()
    known = not agency.officers or any(one.name == officer for one in agency.officers)
    vouched = bool(agency.accounts.single_sign_on_header) and known
    with office.writing() as session:
        accounts.revoke(session, officer, office.now(), vouched=vouched and bool(officer))
        feeds.end(session, officer, office.today(), office.now())
        access_log.write(session, "revoked", office.now(), officer=officer)


def listed() -> Iterator[str]:
    """Who can sign, since when; a run of wrong codes shows that somebody tries another's name."""
    with office.reading() as session:
        found = codes.signers(session)
    for one in found:
        last = f"{_when(one.last_signed_at)}最近一次签署" if one.last_signed_at else "尚未签署"
        wrong = f"，此后口令有误{one.wrong_since}次" if one.wrong_since else ""
        yield f"{one.officer}\t{_when(one.enrolled_at)}登记\t{last}{wrong}"
    if not found:
        yield "没有人登记动态口令"


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(office.SHANGHAI):%Y-%m-%d %H:%M}"


def revoke(officer: str) -> None:
    """Take an officer's codes away; raises NotEnrolled."""
    with office.writing() as session:
        codes.revoke(session, officer.strip(), office.now())
