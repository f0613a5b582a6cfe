"""Plays what happened, one line at a time, on a real register held in memory.

A line is `日期　事项　项目＝内容；…　⇒ 预期`; the words are those of the forms: an act by the short
name of its tab, a field by its title, a choice by its label. Whatever a line does not state is what
the form proposes, or the usual answer of tests/histories.py. The header of cases/edge_cases.toml
explains the lines to their readers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest
from histories import AGENCY, ANSWERS, DRAFTER, FAMILY, LAW, particulars, reworded, usual_officer
from sqlmodel import Session, select

from flows import office
from flows.path import recording
from models.acts import former_words
from models.acts.catalogue import ACTS
from models.acts.intake.receipt import PARTICULARS_LACKING, Register
from models.acts.reply.nothing_given import GONE
from models.case.act import Circumstances, RegisterAct
from models.case.case import Case
from models.case.stage import Stage
from models.errors import ActRefused
from models.law.statute import Statute
from models.neighbours import review_register
from models.neighbours.review_acts import REVIEWS, Lodge
from models.register import filed_letters, neighbour, register, same_applicant
from models.store.tables import Applicant, Application, Document, Entry, Event, Series

LINE = re.compile(
    r"(?P<when>[\d:TZ-]+)　(?:【(?P<who>[^】]+)】)?(?P<what>[^　⇒]+)(?:　(?P<facts>[^⇒]*))?"
    r"(?:⇒(?P<then>.*))?"
)
FIRST = "甲"
TABS = {former_words.TABS[kind]: kind for kind in former_words.TABS}
TABS |= {act.tab: kind for kind, act in ACTS.items() if act.stages}
SEVERAL = {"另九件": 9, "另十件": 10}
ORDINAL = {2: "二", 3: "三", 4: "四"}
PERSON = {"身份证明号码": "identity", "联系方式": "contact", "通信地址": "address"}
BY_WAY = {
    "agency": {"handed_to": "张三"},
    "entrusted": {"handed_to": "张三"},
    "left": {"refusal": "拒绝签收，居民委员会王某到场见证"},
}
AT = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Played:
    """A register, who is in it under which name in the lines, and the letters that went out."""

    session: Session
    law: Statute = LAW
    today: date = date.min
    numbers: dict[str, list[str]] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def case(self, who: str = FIRST) -> Case:
        """An application as its events leave it; the first of several under one name."""
        return register.case(self.session, self.numbers[who][0])

    def now(self, officer: str) -> Circumstances:
        return Circumstances(self.today, officer, self.law, AGENCY)

    def line(self, text: str) -> None:
        """One line: what happens in it happens, or is refused as it says."""
        said = LINE.fullmatch(text.strip())
        assert said, f"不是“日期　事项　项目＝内容”的写法：{text}"
        self.today = day_of(said["when"])
        who, what = said["who"] or FIRST, said["what"].strip()
        pairs = [pair for pair in (said["facts"] or "").strip().split("；") if pair]
        facts = {
            name: words.replace("／", "\n") for name, words in (p.split("＝", 1) for p in pairs)
        }
        then = (said["then"] or "").strip()
        if what == "期限":
            assert self.limit(who) == then, text
        elif then:
            words = then.removeprefix("不予办理：")
            assert words != then, f"“⇒”之后应为“不予办理：……”：{text}"
            self._refused(text, words, who, what, facts)
        else:
            self.happens(who, what, facts)

    def _refused(self, text: str, words: str, who: str, what: str, facts: dict[str, str]) -> None:
        before = self.everything()
        with pytest.raises(ActRefused) as refused:
            self.happens(who, what, facts)
        reasons = refused.value.reasons
        assert any(words in reason for reason in reasons), (text, reasons)
        assert self.everything() == before, text

    def everything(self) -> list[list[dict[str, Any]]]:
        """All that the register holds, to be compared."""
        tables = (Event, Application, Document, Series, Entry)
        return [[row.model_dump() for row in self.session.exec(select(t))] for t in tables]

    def limit(self, who: str = FIRST) -> str:
        """The limit for the reply, as a line writes it."""
        found = self.case(who).deadline(self.law)
        if found is None:
            return "未起算"
        if found.last_day is None:
            return "停止计算"
        return f"{found.last_day}{'（暂定）' if found.provisional else ''}"

    def happens(self, who: str, what: str, facts: dict[str, str]) -> None:
        """One act, or a usual run of them (收到, 起草, 答复), by the words of the forms."""
        if what in ("登记", "收到"):
            self.numbers[who] = []
            for _ in range(SEVERAL.get(who, 1)):
                self._register(who, facts)
                if what == "收到":
                    self._act(self.numbers[who][-1], "received", {})
            return
        if what in (act.title for act in REVIEWS.acts.values()):
            self._review(who, what, facts)
            return
        for number in self.numbers[who]:
            if what == "起草":
                self._draft(number, facts)
            elif what == "答复":
                self._answered(number, facts)
            else:
                assert what in TABS, f"没有“{what}”这一事项；可用：{'、'.join(TABS)}"
                self._act(number, TABS[what], facts, who=who)

    def _answered(self, number: str, facts: dict[str, str]) -> None:
        """Drafted, reviewed, signed and sent on one day."""
        sending = {name: words for name, words in facts.items() if _field(ACTS["replied"], name)}
        self._draft(number, {k: v for k, v in facts.items() if k not in sending})
        self._act(number, "approved", {})
        if register.case(self.session, number).stage is Stage.SECRECY:
            self._act(number, "secrecy_cleared", {})
        for kind in ("signed", "replied"):
            self._act(number, kind, sending if kind == "replied" else {})

    def _register(self, who: str, facts: dict[str, str]) -> None:
        person = {field: facts.get(title, "") for title, field in PERSON.items()}
        asked = {name: words for name, words in facts.items() if name not in PERSON}
        now = self.now(DRAFTER)
        answer = self.answer(ACTS["registered"], Case(""), now, asked)
        made = recording.filled(Register, answer)
        case = register.register(self.session, made, Applicant(case_number="", **person), now, AT)
        self.numbers[who].append(case.number)

    def _draft(self, number: str, facts: dict[str, str]) -> None:
        """Draft a reply with all that its letter must state; ours unless said otherwise."""
        label = facts["办理结果"]
        found = [key for key, row in self.law.outcomes.items() if row.label == label]
        assert found, f"没有“{label}”这一办理结果"
        kind = FAMILY[self.law.outcomes[found[0]].family]
        stage = register.case(self.session, number).stage
        if stage is Stage.JURISDICTION and stage not in ACTS[kind].stages:
            self._act(number, "found_ours", {})
        named = facts.get("不予公开部分的理由类型")
        grounds = [key for key, row in self.law.outcomes.items() if row.label == named]
        usual = particulars(found[0], *grounds)
        if found[0] == "otherwise_closed" and GONE.search(facts.get("事实和理由", "")):
            usual["recipient"] = "申请人的近亲属"
        self._act(number, kind, facts, usual)

    def _act(
        self,
        number: str,
        kind: str,
        facts: dict[str, str],
        usual: dict[str, object] | None = None,
        who: str = "",
    ) -> None:
        """One act as the desk performs it (flows/path/recording.py), without its own transaction."""
        case = register.case(self.session, number)
        facts = dict(facts)
        usually = usual_officer(ACTS[kind], case.stage)
        officer = facts.pop("办理人", facts.pop(former_words.OFFICER, usually))
        now = same_applicant.informed(self.session, case, self.now(officer))
        act = recording.parsed(kind, self.answer(ACTS[kind], case, now, facts, usual))
        now = same_applicant.informed(self.session, case, self.now(officer), act)
        event = register.record(self.session, case, act, now, AT)
        recording.issue(self.session, case, act, event, now)
        begotten = register.beget(self.session, case, act, now, AT)
        for n, (part, last, begun) in enumerate(begotten, 2):
            self.numbers[f"{who}之{ORDINAL[n]}"] = [part.number]
            recording.issue(self.session, part, last, begun, now)
        self.session.flush()
        for each in (case, *(part for part, _, _ in begotten)):
            known = {id(one) for one in self.documents}
            filed = filed_letters.documents(self.session, each.number)
            self.documents += [one for one in filed if id(one) not in known]

    def answer(
        self,
        act: type[RegisterAct[Any]],
        case: Any,
        now: Circumstances,
        facts: dict[str, str],
        usual: dict[str, object] | None = None,
    ) -> dict[str, object]:
        """What the officer submits: the usual, what the form proposes, what the line states."""
        dates = [name for name, f in act.model_fields.items() if f.annotation is date]
        answer: dict[str, object] = dict.fromkeys(dates, self.today)
        answer |= ANSWERS.get(act.kind, {}) if usual is None else usual
        answer |= {k: v for k, v in act.proposal(case, now).items() if v != ""}
        answer |= {"outcome": usual["outcome"]} if usual else {}
        answer |= reworded(case, now) if act.kind == "revised" else {}
        options = act.options(case, now)
        for title, words in facts.items():
            name = _field(act, title)
            assert name, f"“{act.title}”没有“{title}”这一项"
            if name == "outcome" and usual:
                continue
            answer[name] = _chosen(words, options.get(name, {}), self.law)
        stated = {_field(act, title) for title in facts}
        usually = BY_WAY.get(str(answer.get("delivery")), {})
        answer |= {name: words for name, words in usually.items() if name not in stated}
        if "lacking" in options and "需要补正的方面" not in facts:
            named = PARTICULARS_LACKING.search(str(answer.get("unclear", "")))
            answer["lacking"] = "particulars" if named else "content"
        return answer

    def _review(self, who: str, what: str, facts: dict[str, str]) -> None:
        """One act on a review or suit; `who` names it, and it is about the first application."""
        act = next(act for act in REVIEWS.acts.values() if act.title == what)
        now, lodging = self.now(DRAFTER), act is Lodge
        case = (
            REVIEWS.begin("")
            if lodging
            else neighbour.state(self.session, REVIEWS, self.numbers[who][0])
        )
        answer = self.answer(act, case, now, facts)
        if lodging:
            answer |= {"application": self.numbers[FIRST][0], "authority": "上海市人民政府"}
            lodged = review_register.lodge(self.session, recording.filled(Lodge, answer), now, AT)
            self.numbers[who] = [lodged.case.number]
            self.warnings += lodged.warnings
        else:
            made = recording.filled(act, answer)
            neighbour.enter(self.session, REVIEWS, case, made, now, AT)


def day_of(when: str) -> date:
    """The day of a line in Shanghai; a line may state a moment, also in UTC (…Z)."""
    if "T" not in when:
        return date.fromisoformat(when)
    moment = datetime.fromisoformat(when)
    return moment.astimezone(office.SHANGHAI).date() if moment.tzinfo else moment.date()


def _field(act: type[RegisterAct[Any]], title: str) -> str:
    """The field with this title, of which a bracketed explanation may be left out, or with this
    title in earlier releases.
    """
    found = [
        name
        for name, f in act.model_fields.items()
        if title in (f.title, str(f.title).partition("（")[0])
    ]
    found = found or [
        name
        for name, f in act.model_fields.items()
        if title in former_words.titles(act.kind, name, f.title)
    ]
    return found[0] if len(found) == 1 else ""


def _chosen(words: str, choices: dict[str, str], law: Statute) -> str:
    """The option of a drop-down that the words name; text otherwise."""
    if words in choices or not choices:
        return words
    named = [key for key, row in law.outcomes.items() if row.label == words]
    last = words.rpartition("：")[2]  # 法人或其他组织：商业企业
    same = [k for k, label in choices.items() if {words, last} & {label, label.split("　")[-1]}]
    close = [key for key, label in choices.items() if words in label]
    return next((keys[0] for keys in (named, same, close) if len(keys) == 1), words)


def lines(text: str) -> Iterator[str]:
    """The lines of a worked case, without blank ones."""
    return (line for line in text.splitlines() if line.strip())
