"""The outbox: one digest per person and day, in office hours, until the service says it has it.

Runs on SQLite, and on PostgreSQL when DISCLOSURE_DATABASE_URL names one (tests/databases.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from databases import empty_register
from histories import AGENCY, CONFIG
from receivers import Receiver, mail_server, receiver
from sqlmodel import select
from test_sweep import OFFICER, act, received

from flows import office
from flows.__main__ import main
from flows.morning import outbox, senders, sweep
from flows.path import intake
from models.agency.officers import Officer, Role
from models.agency.sending_rules import load_sending
from models.alerts.alert_tables import Attempt, Delivery, Digest, Progress, Recipient
from models.law.workdays import written

HEAD, HANDS, SIGNER = "赵慧", "孙丽", "王建国"
TAKEN = {"errcode": 0}
REFUSED = {"errcode": 45009, "errmsg": "api freq out of limit"}


@dataclass
class Desk:
    """The office at a moment; its officers and their channels."""

    environment: pytest.MonkeyPatch
    moment: datetime = datetime(2026, 3, 2)  # noqa: DTZ001
    shown: list[str] = field(default_factory=list)

    def at(self, day: date, hour: int = 9, minute: int = 0) -> Desk:
        self.moment = datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001
        self.environment.setenv("DISCLOSURE_TODAY", day.isoformat())
        return self

    def officers(self, **addresses: dict[str, str]) -> None:
        roles = {
            OFFICER: (Role.HANDLE,),
            HANDS: (Role.HANDLE, Role.SECRECY),
            HEAD: (Role.HEAD, Role.REVIEW),
            SIGNER: (Role.SIGN,),
        }
        listed = tuple(
            Officer(name=name, roles=held, **addresses.get(name, {}))  # type: ignore[arg-type]
            for name, held in roles.items()
        )
        agency = AGENCY.model_copy(update={"officers": listed})
        self.environment.setattr(office, "agency", lambda: agency)

    def post(self) -> int:
        return outbox.post(self.shown.append)

    def morning(self, day: date) -> int:
        self.at(day, 8)
        sweep.sweep()
        self.at(day, 9)
        return self.post()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    ours = load_sending(CONFIG / "office")
    with empty_register(tmp_path, monkeypatch):
        made = Desk(monkeypatch)
        monkeypatch.setattr(office, "sending", lambda: ours)
        monkeypatch.setattr(office, "moment", lambda: made.moment)
        monkeypatch.setattr(office, "now", lambda: made.moment.replace(tzinfo=UTC))
        yield made


@pytest.fixture
def bot() -> Iterator[Receiver]:
    with receiver(body=TAKEN) as running:
        yield running


def rows(table: type[Any]) -> list[Any]:
    with office.reading() as session:
        return list(session.exec(select(table).order_by(*table.__table__.primary_key)))


def day(number: int) -> date:
    return date(2026, 3, number)


def test_one_digest_a_person_and_day_however_many_alerts(desk: Desk, bot: Receiver) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    numbers = [received() for _ in range(3)]
    for d in range(3, 28):
        desk.morning(day(d))
        desk.post()
    assert [one["text"]["content"].splitlines()[0] for one in bot.got] == [
        f"政府信息公开提醒 2026年3月{d}日：3项" for d in (9, 11, 16, 23, 25, 27)
    ]
    last = bot.got[-1]["text"]["content"]
    assert all(
        f"{number}　周**　待判断公开主体　答复期限2026年3月30日" in last for number in numbers
    )
    assert {(one.person, one.alerts) for one in rows(Digest)} == {(OFFICER, 3), (HEAD, 3)}
    assert [one.person for one in rows(Digest)].count(HEAD) == 1  # told the day before the last


def test_an_opinion_asked_for_by_a_letter_nobody_had_is_not_overdue(desk: Desk) -> None:
    """Its time has not begun; that our own limit runs again stands in words of its own, not twice the
    same.
    """
    number = received(day(2))
    act(number, "found_ours")
    desk.at(day(3))
    asked = {"party": "third_party", "name": "某某科技有限公司", "why": "可能属于其商业秘密"}
    about = {"information": "客户名单", "sent_on": "2026-03-03"}
    act(number, "consultation_started", **asked, **about)
    for d in (24, 25, 26):
        desk.morning(day(d))
    digests = [one for one in rows(Digest) if one.person == OFFICER and "征求意见书" in one.body]
    lines = [each for one in digests for each in one.body.splitlines() if "征求意见书" in each]
    assert [one for one in digests if "逾期" in one.title] == []
    assert len({line.partition("　")[2] for line in lines}) == len(lines)
    (ours,) = [line for line in lines if "恢复计算" in line]
    assert "2026年3月24日以后本机关的答复期限恢复计算，请查询送达" in ours


def test_a_second_letter_to_the_same_party_is_told_of_by_itself(desk: Desk) -> None:
    """That the time of the first is over without an answer does not stand in the line on the second,
    whose delivery is to be asked after: that is not overdue.
    """
    number = received(day(2))
    act(number, "found_ours")
    asked = {"party": "third_party", "name": "某某科技有限公司", "why": "可能属于其商业秘密"}
    for n, about in ((3, "客户名单"), (25, "报价单")):
        desk.at(day(n))
        act(number, "consultation_started", **asked, information=about, sent_on=f"2026-03-{n:02d}")
        if n == 3:
            act(number, "consultation_delivered", ref="1", delivered_on="2026-03-03")
    for n in range(26, 32):
        desk.morning(day(n))
    digests = [one for one in rows(Digest) if one.person == OFFICER]
    for one in digests:
        lines = [line for line in one.body.splitlines() if line.partition(". ")[0].isdigit()]
        over = sum("已于" in line for line in lines)
        assert one.title.endswith(f"，其中逾期{over}项" if over else f"：{len(lines)}项"), one.body
        assert not [line for line in lines if "已于" in line and "尚未登记送达" in line]
    assert any("已于" in one.body and "2026年3月25日发给" in one.body for one in digests)


def test_only_a_limit_that_has_passed_counts_as_overdue(desk: Desk) -> None:
    case = intake.receive(
        channel="电子邮件",
        kind="自然人",
        applicant="周晓岚",
        request="某文件",
        arrived_on=day(2),
        identity="",
        contact="",
        officer=OFFICER,
    )
    desk.morning(day(5))
    (unconfirmed,) = {one.title for one in rows(Digest)}
    assert case.number in desk.shown[-1]
    assert unconfirmed == "政府信息公开提醒 2026年3月5日：1项"
    received(date(2026, 3, 2))
    desk.morning(day(31))
    titles = {one.title for one in rows(Digest) if one.person == OFFICER}
    assert "政府信息公开提醒 2026年3月31日：2项，其中逾期1项" in titles


def test_nothing_of_the_applicant_leaves_the_house(desk: Desk, bot: Receiver) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()
    desk.morning(day(16))
    said = str(bot.got) + str(rows(Digest)) + "".join(desk.shown)
    assert "周**" in said
    for secret in ("周晓岚", "310101199001011234", "13800000000", "某路1号", "某文件"):
        assert secret not in said


def test_of_a_third_party_only_the_masked_name_is_told(desk: Desk) -> None:
    number = received()
    act(number, "found_ours")
    about = {"name": "欧阳晓岚", "information": "客户名单", "why": "可能属于商业秘密"}
    act(number, "consultation_started", party="third_party", sent_on="2026-03-02", **about)
    for d in range(3, 20):
        desk.morning(day(d))
    said = str([one.body for one in rows(Digest)]) + "".join(desk.shown)
    assert "第三方“欧***”" in said
    assert "欧阳晓岚" not in said


@pytest.mark.parametrize(
    ("when", "time", "sent"),
    [
        (day(16), (8, 29), 0),  # before office hours
        (day(16), (8, 30), 1),
        (day(16), (17, 29), 1),
        (day(16), (17, 30), 0),
        (day(21), (10, 0), 0),  # a Saturday
        (date(2026, 5, 9), (10, 0), 1),  # a Saturday that is worked
        (date(2026, 5, 1), (10, 0), 0),  # 劳动节
    ],
)
def test_only_on_working_days_in_office_hours(
    when: date, time: tuple[int, int], sent: int, desk: Desk, bot: Receiver
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()
    desk.at(when, *time)
    sweep.sweep()
    assert outbox.pending() is bool(sent)
    desk.post()
    assert len(bot.got) == sent


def test_what_is_still_to_be_sent_when_the_office_closes_waits_for_the_next_working_day(
    desk: Desk, bot: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}, HEAD: {"wecom": bot.url, "feishu": bot.url}})
    received()
    desk.at(day(27), 17, 29)
    sweep.sweep()

    def slow(*asked: object) -> senders.Answer:
        desk.at(day(27), 17, 31)
        return senders.Answer(True, "ok")

    with monkeypatch.context() as service:
        service.setattr(senders, "send", slow)
        assert desk.post() == 1
    assert [one.attempts for one in rows(Delivery)].count(0) == 2
    desk.at(day(28), 10)  # a Saturday
    assert desk.post() == 0
    bot.body = TAKEN | {"code": 0}
    desk.at(day(30), 9)
    assert desk.post() == 2


def test_what_was_done_before_it_could_be_told_is_not_told(desk: Desk, bot: Receiver) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    number = received()
    desk.at(day(9), 8)
    sweep.sweep()
    act(number, "found_ours")  # no correction to ask for any more
    desk.at(day(9), 9).post()
    assert bot.got == []
    assert [one.moot_on for one in rows(Recipient)] == [day(9)]


def test_what_cannot_wait_for_tomorrow_is_told_the_same_day(desk: Desk, bot: Receiver) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()
    desk.morning(day(16))
    desk.at(day(16), 10)
    received(date(2026, 2, 10))  # entered late: today is its last day
    later = received(date(2026, 2, 24))  # nine working days before its last one
    desk.at(day(16), 11)
    sweep.sweep()
    desk.post()
    first, second = (one["text"]["content"] for one in bot.got)
    assert second.startswith("政府信息公开提醒（补充1） 2026年3月16日：")
    assert "今天到期" in second
    assert later not in first


@pytest.mark.parametrize(
    ("today", "received_on", "last_day", "at_once"),
    [
        (16, date(2026, 2, 9), day(13), False),  # over since Friday: a matter of the morning
        (16, date(2026, 2, 10), day(16), True),
        (16, date(2026, 2, 11), day(17), True),
        (16, date(2026, 2, 12), day(18), False),
        (13, date(2026, 2, 10), day(16), True),  # after the weekend comes the last day
        (13, date(2026, 2, 11), day(17), False),
    ],
)
def test_what_ends_by_the_next_working_day_is_told_at_once_and_nothing_else(
    today: int, received_on: date, last_day: date, at_once: bool, desk: Desk, bot: Receiver
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()
    received(date(2026, 2, 27))  # something to tell in the morning of either day
    desk.morning(day(today))
    desk.at(day(today), 10)
    number = received(received_on)
    sweep.find_due(office.circumstances(""))
    desk.post()
    assert (number in str(bot.got)) is at_once
    desk.morning(day(today + 1) if today == 16 else day(16))
    told = [one["text"]["content"] for one in bot.got]
    assert f"{number}　周**　待判断公开主体　答复期限{written(last_day)}" in told[-1]


def found_urgent(desk: Desk, hour: int, minute: int) -> str:
    """A case found to be due today, at this time of the 16th, and posted."""
    desk.at(day(16), hour, minute)
    number = received(date(2026, 2, 10))
    sweep.find_due(office.circumstances(""))
    desk.post()
    return number


def test_six_urgent_cases_found_one_after_the_other_are_two_messages(
    desk: Desk, bot: Receiver
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()
    desk.morning(day(16))
    numbers = [found_urgent(desk, 10, minute) for minute in range(0, 30, 5)]
    assert len(bot.got) == 2
    desk.at(day(16), 10, 59).post()
    assert len(bot.got) == 2
    desk.at(day(16), 11, 0).post()
    desk.at(day(16), 11, 30).post()
    _, first, second = (one["text"]["content"] for one in bot.got)
    assert [number in first for number in numbers] == [True, *[False] * 5]
    assert [number in second for number in numbers] == [False, *[True] * 5]


@pytest.mark.parametrize(("hour", "minute", "at_once"), [(16, 19, False), (16, 21, True)])
def test_an_urgent_one_does_not_wait_beyond_closing(
    hour: int, minute: int, at_once: bool, desk: Desk, bot: Receiver
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()
    desk.morning(day(16))
    found_urgent(desk, hour, minute)
    number = found_urgent(desk, hour, minute + 5)
    assert (number in str(bot.got)) is at_once
    desk.at(day(16), 17, minute).post()
    assert number in str(bot.got)


def test_a_refusal_is_tried_again_with_growing_pauses_then_shown(
    desk: Desk, bot: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()
    bot.body = REFUSED
    desk.morning(day(16))
    tried = []
    for minute in range(1, 481):
        before = len(bot.got)
        desk.moment = datetime(2026, 3, 16, 9) + timedelta(minutes=minute)  # noqa: DTZ001
        desk.post()
        tried += [minute] * (len(bot.got) - before)
    assert tried == [1, 6, 21, 81, 321]  # after 1, 5, 15, 60, 240 minutes
    (one,) = rows(Delivery)
    assert (one.progress, one.attempts) == (str(Progress.SHOWN), 6)
    told = [one.levelname for one in caplog.records if "未送达" in one.getMessage()]
    assert told == ["WARNING"] * 5 + ["ERROR"]  # the last time it is given up
    attempts = rows(Attempt)
    assert [(a.number, a.accepted) for a in attempts] == [(n, False) for n in range(1, 7)]
    assert all("api freq out of limit" in a.answer for a in attempts)
    assert "多次未送达，请另行告知" in desk.shown[-1]
    assert "geheim" not in "".join(desk.shown)
    bot.body = TAKEN
    with office.writing() as session:
        assert outbox.digests.try_again(session, office.now()) == 1
    assert desk.post() == 1
    assert rows(Delivery)[0].progress == str(Progress.SENT)


def test_one_channel_that_fails_does_not_hold_up_the_other(desk: Desk, bot: Receiver) -> None:
    with mail_server() as mailbox:
        sending = office.sending()
        told = sending.outbox.model_copy(update={"address": "https://office.example.cn"})
        smtp = sending.smtp.model_copy(
            update={
                "host": "127.0.0.1",
                "port": mailbox.port,
                "security": "none",
                "sender": "office@example.cn",
            }
        )
        desk.environment.setattr(
            office, "sending", lambda: sending.model_copy(update={"smtp": smtp, "outbox": told})
        )
        desk.officers(**{OFFICER: {"wecom": bot.url, "email": "chenjing@example.cn"}})
        received()
        bot.status = 500
        assert desk.morning(day(16)) == 1
    progress = {one.channel: one.progress for one in rows(Delivery)}
    assert progress == {"email": str(Progress.SENT), "wecom": str(Progress.WAITING)}
    assert mailbox.mails[0]["Subject"] == "政府信息公开提醒 2026年3月16日：1项"
    assert "请登录办理系统（https://office.example.cn）处理" in mailbox.mails[0].get_content()


def test_a_channel_that_breaks_is_paused_and_shown_and_holds_up_nobody(
    desk: Desk, bot: Receiver
) -> None:
    sending = office.sending()
    impossible = sending.smtp.model_copy(
        update={"host": "smtp..example.cn", "sender": "office@example.cn"}
    )
    ours = sending.model_copy(update={"smtp": impossible})
    desk.environment.setattr(office, "sending", lambda: ours)
    desk.officers(**{OFFICER: {"email": "chenjing@example.cn"}, HEAD: {"wecom": bot.url}})
    received()
    assert desk.morning(day(27)) == 1
    assert len(bot.got) == 1
    assert "发送出错（UnicodeError）" in desk.shown[-1]
    for minute, attempts in ((0, 1), (1, 2), (5, 2), (6, 3)):  # pauses of 1 and 5 minutes
        desk.at(day(27), 9, minute).post()
        broken = next(one for one in rows(Delivery) if one.channel == "email")
        assert (broken.progress, broken.attempts) == (str(Progress.WAITING), attempts)


def test_without_any_channel_it_is_shown(desk: Desk) -> None:
    received()
    assert desk.morning(day(16)) == 1
    assert desk.post() == 0
    assert [one.channel for one in rows(Delivery)] == ["screen"]
    assert rows(Delivery)[0].progress == str(Progress.SENT)
    (shown,) = desk.shown
    assert "## 陈静" in shown
    assert "还剩10个工作日" in shown


def test_without_a_place_to_show_it_waits(desk: Desk) -> None:
    received()
    desk.at(day(16), 8)
    sweep.sweep()
    desk.at(day(16))
    assert outbox.post() == 0
    assert [one.progress for one in rows(Delivery)] == [str(Progress.WAITING)]
    assert desk.post() == 1


def test_what_waited_for_a_place_to_show_it_is_not_shown_if_it_is_done_by_then(desk: Desk) -> None:
    number = received()
    desk.at(day(9), 8)
    sweep.sweep()
    desk.at(day(9))
    assert outbox.post() == 0
    act(number, "found_ours")
    desk.at(day(10))
    assert desk.post() == 0
    assert [one.progress for one in rows(Delivery)] == [str(Progress.MOOT)]
    assert all(number not in shown for shown in desk.shown)


def test_the_command_line_shows_nothing_in_the_ui(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    number = received()
    desk.at(day(16), 8)
    sweep.sweep()
    desk.at(day(16))
    assert main(["outbox", "--send"]) == 0
    said = capsys.readouterr()
    assert said.err == "已送达0条\n"
    head, text = said.out.splitlines()[:2]
    assert head == f"{OFFICER}\t办理系统界面\t2026-03-16\t0\t待显示\t"
    assert text.startswith(f"　　1. {number}　周**")
    assert [one.progress for one in rows(Delivery)] == [str(Progress.WAITING)]
    assert desk.post() == 1
    assert number in desk.shown[-1]


def test_what_could_not_be_shown_is_on_the_page_of_the_day_it_is_shown(desk: Desk) -> None:
    class ServerAway(Exception):
        pass

    def away(_: str) -> None:
        raise ServerAway

    early = received()
    desk.at(day(16), 8)
    sweep.sweep()
    desk.at(day(16))
    with pytest.raises(ServerAway):
        outbox.post(away)
    desk.at(day(17)).post()
    desk.at(day(17), 11)
    late = received(date(2026, 2, 11))  # today is its last day: the page is renewed
    sweep.sweep()
    desk.post()
    first, second = desk.shown
    assert early in first
    assert early in second
    assert late in second
    desk.morning(day(18))
    assert early not in desk.shown[-1]
    assert late in desk.shown[-1]


def test_what_was_not_sent_stands_on_the_page_with_its_text_on_later_days_too(
    desk: Desk, bot: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    number = received()
    bot.body = REFUSED
    desk.morning(day(16))
    assert f"{number}　" in desk.shown[-1].partition("## 未送达")[2]
    desk.at(day(17)).post()
    assert f"{number}　" in desk.shown[-1].partition("## 未送达")[2]
    assert main(["outbox"]) == 0
    assert f"{number}　周**" in capsys.readouterr().out


def test_two_schedulers_at_once_send_once(desk: Desk, bot: Receiver) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}, HEAD: {"feishu": bot.url}})
    bot.body, bot.silence = TAKEN | {"code": 0}, 0.1
    for _ in range(3):
        received()
    desk.at(day(27), 9)

    def scheduler(_: int) -> int:
        sweep.sweep()
        return outbox.post()

    with ThreadPoolExecutor(4) as pool:
        sent = sum(pool.map(scheduler, range(4)))
    assert sent == len(bot.got) == 2
    assert len(rows(Attempt)) == 2


def test_a_machine_that_stops_while_sending_tries_again_after_the_lease(
    desk: Desk, bot: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()

    class PowerCut(Exception):
        pass

    def cut(*_: object) -> senders.Answer:
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(senders, "send", cut)
        with pytest.raises(PowerCut):
            desk.morning(day(16))
    desk.at(day(16), 9, 9)
    assert desk.post() == 0
    desk.at(day(16), 9, 10)
    assert desk.post() == 1
    first, second = rows(Attempt)
    assert (first.ended_at, second.accepted) == (None, True)


def test_an_officer_who_has_left_is_told_through_the_head(desk: Desk, bot: Receiver) -> None:
    number = received()
    desk.officers(**{HEAD: {"wecom": bot.url}})
    agency = office.agency()
    others = tuple(one for one in agency.officers if one.name != OFFICER)
    left = agency.model_copy(update={"officers": others})
    desk.environment.setattr(office, "agency", lambda: left)
    desk.morning(day(16))
    assert number in bot.got[0]["text"]["content"]


def test_what_did_not_reach_an_officer_who_left_is_told_to_the_head(
    desk: Desk, bot: Receiver
) -> None:
    desk.officers(**{OFFICER: {"webhook": bot.url}, HEAD: {"wecom": bot.url}})
    number = received()
    bot.body = REFUSED
    desk.morning(day(16))
    bot.body = TAKEN
    agency = office.agency()
    others = tuple(one for one in agency.officers if one.name != OFFICER)
    left = agency.model_copy(update={"officers": others})
    desk.environment.setattr(office, "agency", lambda: left)
    desk.at(day(16), 9, 5)
    assert outbox.pending()
    assert desk.post() == 1
    assert number in bot.got[-1]["text"]["content"]
    assert [one.progress for one in rows(Delivery) if one.person == OFFICER] == [
        str(Progress.HANDED_ON)
    ]
    assert "未送达" not in desk.shown[-1]
    assert desk.post() == 0


def test_a_message_about_what_was_done_meanwhile_is_not_sent_again(
    desk: Desk, bot: Receiver
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    first, second = received(), received()
    bot.body = REFUSED
    desk.morning(day(9))  # by which day a correction is to be asked for
    act(first, "found_ours")
    desk.at(day(9), 9, 1).post()
    assert bot.got[0] == bot.got[1]  # as it was: one of two things is still to be done
    act(second, "found_ours")
    bot.body = TAKEN
    desk.at(day(9), 9, 10)
    assert desk.post() == 0
    assert len(bot.got) == 2
    assert [one.progress for one in rows(Delivery)] == [str(Progress.MOOT)]
    assert "未送达" not in desk.shown[-1]


@pytest.mark.parametrize(("done", "sent"), [(True, 0), (False, 1)])
def test_what_was_not_tried_before_closing_is_not_sent_the_next_day_if_it_is_done(
    done: bool, sent: int, desk: Desk, bot: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.body = TAKEN | {"code": 0}
    desk.officers(**{OFFICER: {"wecom": bot.url, "feishu": bot.url}})
    number = received()
    desk.at(day(9), 17, 29)  # two working days are left to ask for a correction
    sweep.sweep()

    def slow(*asked: object) -> senders.Answer:
        desk.at(day(9), 17, 31)
        return senders.Answer(True, "ok")

    with monkeypatch.context() as service:
        service.setattr(senders, "send", slow)
        assert desk.post() == 1
    if done:
        act(number, "found_ours")
    desk.at(day(10), 9)
    assert desk.post() == sent
    ended = Progress.MOOT if done else Progress.SENT
    assert {one.progress for one in rows(Delivery)} == {str(Progress.SENT), str(ended)}


@pytest.mark.parametrize(("done", "sent"), [(True, 1), (False, 2)])
def test_what_is_done_while_a_service_keeps_us_waiting_is_not_sent_by_the_next(
    done: bool, sent: int, desk: Desk, bot: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.officers(**{OFFICER: {"wecom": bot.url, "feishu": bot.url}})
    number, taken = received(), list[str]()
    desk.at(day(9), 8)
    sweep.sweep()

    def slow(channel: str, *_: object) -> senders.Answer:
        if done and not taken:
            act(number, "found_ours")
        taken.append(channel)
        return senders.Answer(True, "ok")

    desk.at(day(9), 9)
    monkeypatch.setattr(senders, "send", slow)
    assert desk.post() == len(taken) == sent
    ended = Progress.MOOT if done else Progress.SENT
    assert sorted(one.progress for one in rows(Delivery)) == sorted(
        [str(Progress.SENT), str(ended)]
    )


@pytest.mark.parametrize("done", [True, False])
def test_what_was_made_and_not_tried_is_not_sent_if_it_is_done_by_then(
    done: bool, desk: Desk, bot: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine stopped between the making of a message and the first attempt to send it."""
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    number = received()
    desk.at(day(9), 8)
    sweep.sweep()
    desk.at(day(9), 9)
    outbox._digests(office.circumstances(""))
    if done:
        act(number, "found_ours")
    assert desk.at(day(9), 9, 5).post() == len(bot.got) == (not done)
    ended = Progress.MOOT if done else Progress.SENT
    assert [one.progress for one in rows(Delivery)] == [str(ended)]


def test_a_late_failure_undoes_nothing_and_a_late_success_counts(desk: Desk, bot: Receiver) -> None:
    """Two attempts at once, the lease being over: whichever the service took, it has it."""
    desk.officers(**{OFFICER: {"wecom": bot.url}})
    received()
    desk.at(day(16), 8)
    sweep.sweep()
    desk.at(day(16), 9)
    assert len(outbox._digests(office.circumstances(""))) == 1

    def begun() -> Attempt:
        with office.writing() as session:
            (one,) = outbox.digests.waiting(session, office.now())
            attempt = outbox.digests.claim(session, one, office.now(), timedelta(0))
        assert attempt is not None
        return attempt

    first, second = begun(), begun()
    assert (first.number, second.number) == (1, 2)
    with office.writing() as session:
        outbox.digests.settle(session, first, office.now(), None, "无应答")
    assert rows(Delivery)[0].progress == str(Progress.WAITING)  # the second is on its way
    with office.writing() as session:
        outbox.digests.accept(session, first, office.now(), "ok")
    assert rows(Delivery)[0].progress == str(Progress.SENT)
