"""The whole day of three officers, and the end of a year, in a browser: clicks and seconds of each step.

    python -m tests.benchmarks.day_of_three              prints a line a step, beside what it took before
    python -m tests.benchmarks.day_of_three FOLDER       and leaves a picture of each screen there

An office of its own, with accounts, in a scratch folder. Every word that is looked for on the pages is
one that stands in .docs/bench.md or .docs/officers.md; what is not found there stops it. A click is
whatever the hand does with the mouse: a link, a button, a box to type in (1), a list and its choice (2).
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from playwright.sync_api import Locator  # noqa: E402

from flows import office  # noqa: E402
from models.case.case import Case  # noqa: E402
from models.case.stage import Stage  # noqa: E402
from models.register import register  # noqa: E402
from tests.browser import PATIENCE_MS, Desk, desk_in_browser  # noqa: E402
from tests.kills import office_at  # noqa: E402
from tests.officers import officers_toml  # noqa: E402
from tests.visitors import PASSWORD, Phone, with_account  # noqa: E402

CLERK, REVIEWER, LEADER = "陈静", "李明", "王建国"
ROLES = {
    CLERK: ("办公室", "handle"),
    REVIEWER: ("法制处", "review", "secrecy"),
    LEADER: ("局领导", "head", "sign"),
}
DAY, YEAR = "2026-03-02", 2025
WORDS = (
    *("一、总体情况：主动公开", "一、总体情况：政府信息管理", "一、总体情况：政府信息公开平台建设"),
    *("二、主动公开政府信息情况", "五、存在的主要问题", "五、改进情况"),
)
"""What an annual report has to say in words; without it, it is not signed."""
BEFORE = {
    "登记申请": "14-17次点击，6.1秒",
    "拟予以公开": "11次点击",
    "表二的数字": "120次点击",
}
"""What it took before there were pages of our own."""


@dataclass
class Step:
    """What a step took: clicks, seconds of the whole, seconds from the last press until it was there."""

    officer: str
    name: str
    clicks: int = 0
    began: float = field(default_factory=time.monotonic)
    pressed: float = 0.0
    took: float = 0.0
    waited: float = 0.0

    def __str__(self) -> str:
        was = f"　以前{BEFORE[self.name]}" if self.name in BEFORE else ""
        return (
            f"{self.officer}　{self.name}　{self.clicks}次点击　共{self.took:.1f}秒　"
            f"提交后{self.waited:.1f}秒{was}"
        )


class Hand:
    """An officer's hand on the mouse: it counts what it does."""

    def __init__(self, desk: Desk, officer: str, pictures: Path | None) -> None:
        self.desk, self.page, self.officer = desk, desk.page, officer
        self.pictures = pictures
        self.step = Step(officer, "")
        self.all: list[Step] = []

    @contextmanager
    def doing(self, name: str) -> Iterator[None]:
        """A step, printed when it is done."""
        self.step = Step(self.officer, name)
        yield
        now = time.monotonic()
        self.step.took = now - self.step.began
        self.step.waited = now - (self.step.pressed or now)
        self.all.append(self.step)
        if self.pictures:
            self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        print(self.step, flush=True)

    def press(self, what: Locator) -> None:
        self.step.clicks += 1
        self.step.pressed = time.monotonic()
        what.first.click()

    def link(self, name: str | re.Pattern[str]) -> None:
        self.press(self.page.get_by_role("link", name=name))

    def button(self, name: str) -> None:
        self.press(self.page.get_by_role("button", name=name, exact=True))

    def pick(self, label: str, value: str) -> None:
        self.step.clicks += 2
        self.page.get_by_label(label).first.select_option(value)

    def type(self, label: str, words: str) -> None:
        self.step.clicks += 1
        self.page.get_by_label(label).first.fill(words)

    def reads(self, words: str) -> None:
        self.page.get_by_text(words).first.wait_for()

    def done(self) -> None:
        """What was submitted is recorded: the green line; what was turned away stops it all."""
        self.page.locator(".said.done, .said[role=alert]").first.wait_for()
        if not self.page.locator(".said.done").count():
            raise SystemExit(self.page.locator(".said[role=alert]").first.inner_text())

    def opens(self, number: str) -> None:
        """From wherever he is to his bench, and on to the case's form: two clicks."""
        self.step.clicks += 1
        self.page.goto(self.desk.url)
        self.press(self.page.get_by_role("link", name=number, exact=True))

    def in_dialog(self, number: str, tab: str, **fields: str) -> None:
        """Fill in Prefect's dialog: its tab, what is not proposed; submit; wait for the act."""
        self.desk.form().locator(".schema-form-property__label").first.wait_for()
        before = case(number).position
        if tab:
            self.step.clicks += 1
            self.desk.tab(tab)
        for title, value in fields.items():
            self.step.clicks += 2 if self.desk.is_choice(title) else 1
            self.desk.fill(title, value)
        self.step.clicks += 1
        self.step.pressed = time.monotonic()
        self.desk.submit()
        self.desk.until(lambda: case(number).position > before)


def case(number: str) -> Case:
    with office.reading() as session:
        return register.case(session, number)


def logged_in(desk: Desk, phone: Phone, pictures: Path | None) -> Hand:
    """An officer at his own desk."""
    browser = desk.page.context.browser
    assert browser
    context = browser.new_context(
        locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1280, "height": 1000}
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    hand = Hand(Desk(page, desk.url), phone.officer, pictures)
    with hand.doing(f"登录（{phone.officer}）"):
        page.goto(desk.url)
        typed = {"officer": phone.officer, "password": PASSWORD, "code": phone.code()}
        for name, words in typed.items():
            hand.step.clicks += 1
            page.locator(f"input[name={name}]").fill(words)
        hand.button("登录")
        hand.reads("我的工作台")
    return hand


def the_day(clerk: Hand, reviewer: Hand, leader: Hand, phone: Phone) -> None:
    """An application from its registration to its dispatch, by three officers."""
    with clerk.doing("登记申请"):
        clerk.link(re.compile("^新办$"))
        clerk.press(clerk.page.get_by_role("link", name="登记申请", exact=True))
        clerk.pick("提交方式", "当面提交")
        clerk.type("到件日期", DAY)
        clerk.pick("申请人类别", "自然人")
        clerk.type("申请人姓名", "张三丰")
        clerk.type("申请内容", "2024年专利资助名单")
        clerk.type("联系方式", "13800000000")
        clerk.button("提交")
        clerk.reads("已登记，申请编号")
    with office.reading() as session:
        number = register.applications(session)[-1].number
    with clerk.doing("确认收到"):
        clerk.link(re.compile("继续办理"))
        clerk.in_dialog(number, "")
    with clerk.doing("判断为本机关"):  # the next form opens by itself
        clerk.desk.form().get_by_role("button", name="本机关", exact=True).wait_for()
        clerk.in_dialog(number, "")
    with clerk.doing("拟予以公开"):
        clerk.desk.form().get_by_role("button", name="公开", exact=True).wait_for()
        granted = {"办理结果": "予以公开", "信息名称": "2024年专利资助名单"}
        clerk.in_dialog(number, "公开", **granted, 获取方式和途径="随文附送")
    with reviewer.doing("审核通过"):
        reviewer.opens(number)
        reviewer.in_dialog(number, "审核通过")
    with leader.doing("签发"):
        leader.opens(number)
        leader.in_dialog(number, "签发", 动态口令=phone.code())
    with clerk.doing("发出"):
        clerk.opens(number)
        clerk.in_dialog(number, "发出", 送达方式="当面", 签收人="张三丰")
    assert case(number).stage is Stage.CLOSED


def the_year_end(clerk: Hand, leader: Hand, phone: Phone) -> None:
    """The figures, words, checks and signature of the year before."""
    home = clerk.desk.url
    with clerk.doing("表二的数字"):
        clerk.page.goto(home)
        clerk.link("年度报告")
        clerk.link("一页填写全部数字")
        boxes = clerk.page.locator("input[name^='f.']")
        for n in range(boxes.count()):
            clerk.step.clicks += 1
            boxes.nth(n).fill("0")
        clerk.button("登记")
        clerk.reads("已登记")
    for part in WORDS:
        with clerk.doing(f"文字：{part}"):
            clerk.link(f"{YEAR}年度报告")  # the way back that stands under what was done
            clerk.link(part)
            clerk.type("文字", "本年度收到申请 {{ 新收 }} 件。")
            clerk.button("预览")
            clerk.reads("本年度收到申请 0 件。")
            clerk.button("提交")
            clerk.done()
    with clerk.doing("编制年度报告"):
        clerk.link(f"{YEAR}年度报告")
        clerk.link("编制年度报告")
        clerk.button("提交")
        clerk.done()
    with leader.doing("签发年度报告"):
        leader.page.goto(home)
        leader.link("年度报告")
        leader.link(re.compile("^签发$"))
        leader.type("动态口令", phone.code())
        leader.button("提交")
        leader.done()
    with leader.doing("看封存是否完好"):
        leader.link(f"{YEAR}年度报告")
        leader.reads("封存完好")


def main(pictures: Path | None) -> None:
    from tests.histories import CONFIG

    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        config = shutil.copytree(CONFIG, Path(folder) / "config")
        (config / "office" / "officers.toml").write_text(officers_toml(ROLES), "utf-8")
        os.environ["DISCLOSURE_CONFIG"] = str(config)
        with (
            office_at(home, {"DISCLOSURE_TODAY": DAY}) as running,
            desk_in_browser(running.site) as desk,
        ):
            phones = {name: with_account(name) for name in ROLES}
            hands = [logged_in(desk, phone, pictures) for phone in phones.values()]
            clerk, _, leader = hands
            the_day(*hands, phones[LEADER])
            the_year_end(clerk, leader, phones[LEADER])
            for hand in hands:
                clicks, took = (
                    sum(x) for x in zip(*((s.clicks, s.took) for s in hand.all), strict=True)
                )
                print(f"{hand.officer}　合计　{clicks}次点击　{took:.0f}秒")


if __name__ == "__main__":
    into = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if into:
        into.mkdir(parents=True, exist_ok=True)
    main(into)
