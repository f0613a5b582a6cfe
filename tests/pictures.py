"""The pictures of the officers' guide (`.docs/pictures/`), taken anew from the real forms.

    python -m tests.pictures            all of them, a few minutes
    python -m tests.pictures list       only those whose name holds one of the words
    python -m tests.pictures stale      only those that show words which have changed since

Light, as the desk is on a machine set so; few colours, so that all of them stay small. Date fields speak
Chinese, as an officer's do, with Debian's `chromium-l10n`.

Opens an office of its own in a scratch folder, plays the situations of tests/situations.py in its
register, and takes a picture of every tab of every form in headless Chromium.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final

from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pypdfium2  # noqa: E402
from picture_words import BESIDE, ENVELOPE, keep, out_of_date, without_words  # noqa: E402
from PIL import Image  # noqa: E402

from flows.path.form_fields import OFFICER_TITLE  # noqa: E402
from models.acts.intake.receipt import ConfirmReceipt  # noqa: E402

INTO = ROOT / ".docs" / "pictures"
TODAY = "2026-03-10"
MARGIN = 10  # pixels around a part
COLOURS = 48
MARK: Final = """([x, y, words]) => {
  const mark = document.createElement("div");
  mark.className = "guide-mark";
  mark.textContent = words;
  Object.assign(mark.style, {position: "fixed", left: `${x}px`, top: `${y}px`, zIndex: 9999,
    width: "28px", height: "28px", borderRadius: "50%", background: "#c62828", color: "#fff",
    font: "bold 17px/28px sans-serif", textAlign: "center", boxShadow: "0 0 0 2px #fff"});
  document.body.append(mark);
}"""
UNMARK: Final = "() => document.querySelectorAll('.guide-mark').forEach(one => one.remove())"
BAR: Final = """<body style="margin:0;background:#fff;font:15px sans-serif;width:1000px"><div id="all">
<div style="display:flex;gap:14px;align-items:center;padding:10px 14px;background:#e8eaed">
<span>←</span><span>→</span><span>⟳</span>
<span style="flex:1;background:#fff;border-radius:16px;padding:6px 16px" id="bar">{url}</span>
<span id="star">☆</span></div><img src="data:image/png;base64,{page}" width="1000"></div>"""
CLERK, LEADER = "陈静", "赵慧"
OFFICERS = """
[[officer]]
name = "陈静"
department = "政务公开办公室"
roles = ["handle"]

[[officer]]
name = "李明"
department = "法制处"
roles = ["review", "secrecy"]

[[officer]]
name = "赵慧"
department = "政务公开办公室"
roles = ["head", "review", "sign"]

[[officer]]
name = "王建国"
department = "局领导"
roles = ["sign"]
"""

# Which situation shows which form whole, with the case in brief on top; later ones show the acts
# that none before them had.
WHOLE = {
    "待确认收到": "confirming",
    "待判断公开主体": "jurisdiction",
    "等待补正": "correction",
    "待起草": "drafting",
    "等待缴费": "fee",
    "待审核": "review",
    "待保密审查": "secrecy",
    "待签发": "signing",
    "待发出": "dispatch",
}
MORE = (
    "待起草，已请处室提供材料",
    "征求意见，尚未送达",
    "征求意见，已经答复",
    "等待缴费，通知已送达",
    "已缴费",
    "已要求说明理由",
    "理由合理，尚未告知延迟",
    "待发出，第三方不同意",
    "另一件待答复，可以一并答复",
    "另一件的告知书已写明一并答复本件",
)
OF_SEVERAL = "待起草，已请处室提供材料"
CLOSED, REVIEWED = "已办结，邮寄", "复议"
"""A case that is closed, and the review that was asked for of it."""
FIRST = {
    "channel": "当面提交",
    "arrived_on": TODAY,
    "kind": "自然人",
    "applicant": "周晓岚",
    "request": "2025年度专利资助名单",
    "contact": "13800000000",
    "officer": CLERK,
}
REFUSED = {  # for its year
    "channel": "当面提交",
    "arrived_on": "2062-03-02",
    "kind": "自然人",
    "applicant": "周晓岚",
    "request": "2025年度专利资助名单",
    "officer": CLERK,
    "contact": "13800000000",
}
NAMES = "周吴郑孙钱陈林何高梁宋唐许韩冯邓曹彭曾萧"


@contextmanager
def office_in(folder: Path) -> Iterator[str]:
    """An office with officers, its register and Prefect's database in `folder`."""
    config = folder / "config"
    shutil.copytree(ROOT / "config", config)
    (config / "office" / "officers.toml").write_text(OFFICERS, "utf-8")
    os.environ |= {
        "DISCLOSURE_HOME": str(folder / "home"),
        "DISCLOSURE_DATABASE_URL": "",
        "DISCLOSURE_CONFIG": str(config),
        "DISCLOSURE_TODAY": TODAY,
        "DISCLOSURE_CODES": "",
    }
    from flows.server import serve

    played = _played()
    print(f"{len(played)}件申请", flush=True)
    with serve.office_open(folder / "prefect", free_port()) as address:
        yield address


def _played() -> dict[str, str]:
    """Every situation played for an applicant of its own; its case's number, by situation."""
    import histories
    import played
    from situations import SITUATIONS, reached

    from flows import office

    for module in (histories, played):
        setattr(module, "DRAFTER", CLERK)  # noqa: B010 — a name both of them know it by
    histories.HEAD = LEADER
    numbers: dict[str, str] = {}
    for place, name in enumerate((*WHOLE, *MORE)):
        acts, bars = SITUATIONS[name]
        asked = f"申请人姓名或名称＝{NAMES[place]}某某；申请内容＝20{place + 3:02d}年度专利资助名单"
        asked += "；其他共同申请人＝李四" if name == OF_SEVERAL else ""
        lines = re.sub(r"(收到|登记)$", rf"\1　{asked}", acts, flags=re.MULTILINE)
        lines = re.sub(r"(登记　提交)", rf"登记　{asked}；提交", lines)
        SITUATIONS[name] = lines, bars
        with office.writing() as session:
            numbers[name] = reached(session, name).case().number
    with office.writing() as session:
        closed = reached(session, CLOSED)
        numbers[CLOSED] = closed.case().number
        closed.line("2026-03-10　【复议】登记复议诉讼案件　类别＝行政复议")
        (numbers[REVIEWED],) = closed.numbers["复议"]
    NUMBERS.update(numbers)
    return numbers


NUMBERS: dict[str, str] = {}


class Album:
    """The pictures, taken one after the other."""

    def __init__(self, desk: Any, wanted: list[str]) -> None:
        self.desk, self.wanted = desk, wanted
        self.stale = out_of_date() + without_words() if wanted == ["stale"] else []
        self.taken: set[str] = set()

    def asks_for(self, name: str) -> bool:
        """Whether this picture is to be taken."""
        if self.wanted == ["stale"]:
            return name not in self.taken and (name in self.stale or not _is_there(name))
        return name not in self.taken and (
            not self.wanted or any(one in name for one in self.wanted)
        )

    def keep(self, name: str, of: Any) -> None:
        """A picture of one element."""
        of.scroll_into_view_if_needed()
        of.screenshot(path=INTO / f"{name}.png", animations="disabled")
        self._kept(name)

    def mark(self, *places: Any) -> None:
        """Number the places, at their upper left corners."""
        for number, place in enumerate(places, 1):
            box = place.bounding_box()
            at = [box["x"] + box["width"] - 18, max(box["y"] - 12, 2), str(number)]
            self.desk.page.evaluate(MARK, at)

    def unmark(self) -> None:
        """Take the numbers away."""
        self.desk.page.evaluate(UNMARK)

    def keep_part(self, name: str, top: Any, bottom: Any) -> None:
        """A picture of what lies between two elements, both included."""
        above, below = top.bounding_box(), bottom.bounding_box()
        whole = {
            "x": below["x"] - MARGIN,
            "y": above["y"] - MARGIN,
            "width": below["width"] + 2 * MARGIN,
            "height": below["y"] + below["height"] - above["y"] + 2 * MARGIN,
        }
        self.desk.page.screenshot(path=INTO / f"{name}.png", clip=whole, animations="disabled")
        self._kept(name)

    def _kept(self, name: str) -> None:
        self.taken.add(name)
        file = INTO / f"{name}.png"
        with Image.open(file) as picture:
            few = in_few_colours(picture.convert("RGB"))
        few.save(file, optimize=True)
        keep(name)
        print(f"{name}\t{(INTO / f'{name}.png').stat().st_size // 1024} KB", flush=True)

    def card(self) -> Any:
        """The open dialog."""
        return self.desk.page.locator(".p-modal__card").last

    def open(self, number: str) -> None:
        """The form of a case, ready to be looked at."""
        self.desk.open_case(number)
        self.desk.resume()
        self.desk.page.wait_for_timeout(400)

    def stage(self, situation: str, slug: str) -> None:
        """The form of a situation: whole, and each of its tabs that no picture shows yet."""
        number = NUMBERS[situation]
        tabs = _tabs(number)
        new = [(name, title) for name, title in tabs if self.asks_for(name)]
        whole = bool(slug) and self.asks_for(f"stage-{slug}")
        if whole or new:
            self.open(number)
        if whole:
            self.keep(f"stage-{slug}", self.card())
        for name, title in new:
            if len(tabs) > 1:
                self.desk.tab(title)
                self.desk.page.wait_for_timeout(150)
            self._tab(name)
        for kind in _aside(number):
            if self.asks_for(kind):
                self._procedural(number, kind)

    def _tab(self, name: str) -> None:
        """The tab that is open: the row of tabs and its fields, without the case on top."""
        rows = self.card().locator(".p-button-group")
        tabbed = rows.count() > 0
        fields = self.card().locator(
            "fieldset.schema-form-property__fields" if tabbed else ".schema-input"
        )
        self.keep_part(name, rows.first if tabbed else fields.first, fields.first)

    def _procedural(self, number: str, kind: str) -> None:
        """A procedural act's own form, behind the tab 程序; then back."""
        from flows.commands.robot_officer import Officer
        from flows.path.forms import CHOOSE

        with Officer(CLERK) as officer:
            officer.choose(number, kind)
            self.open(number)
            self._tab(kind)
            officer._resume(number, {f"{CHOOSE}.procedure": "返回"})

    def beside(self, deployment: str, slug: str) -> None:
        """The form of what happens beside the path."""
        if self.asks_for(f"form-{slug}"):
            self.desk.page.goto(f"{self.desk.url}/new")
            self.desk.page.get_by_role("link", name=deployment, exact=True).first.click()
            self.desk.page.locator("main form").first.wait_for()
            self.keep(f"form-{slug}", self.desk.page.locator("main"))

    def lists(self) -> None:
        """The list of what is to be done, and the run of a case."""
        page = self.desk.page
        page.set_viewport_size({"width": 1280, "height": 800})
        if self.asks_for("list-todo"):
            self.desk.open_list("todo")
            page.wait_for_timeout(1000)
            self._page("list-todo")
        if self.asks_for("list-runs"):
            page.goto(f"{self.desk.url}/runs")
            page.wait_for_timeout(2000)
            self._page("list-runs")
        number = NUMBERS["待签发"]
        if self.asks_for("run"):
            self.desk.open_case(number)
            page.wait_for_timeout(500)
            self._page("run")
        if self.asks_for("dossier"):
            self.desk.open_dossier(number)
            self.desk.says(number)
            page.wait_for_timeout(500)
            self._page("dossier")
        page.set_viewport_size({"width": 1280, "height": 1600})

    def pages(self) -> None:
        """Our own pages."""
        page, number = self.desk.page, NUMBERS["待签发"]
        page.set_viewport_size({"width": 1280, "height": 900})
        if self.asks_for("bench"):
            page.goto(self.desk.url)
            page.locator("main h1").wait_for()
            self._page("bench")
        if self.asks_for("address-bar"):
            self._address_bar()
        if self.asks_for("start-new"):
            page.goto(f"{self.desk.url}/new")
            begin = page.get_by_role("link", name="登记申请", exact=True).first
            self.mark(page.locator("nav.side a[href='/new']"), begin)
            page.screenshot(
                path=INTO / "start-new.png", clip={"x": 0, "y": 0, "width": 1280, "height": 430}
            )
            self._kept("start-new")
        at = {
            "bench-new": "/new",
            "bench-case": f"/cases/{number}",
            "bench-erratum": f"/new/勘误?number={number}",
            "bench-together": "/together/signed",
            "bench-year": "/year/2025",
            "bench-figures": "/year/2025/figures",
            "bench-statistics": "/statistics",
            "bench-screening": "/screening",
            "bench-reviews": "/reviews",
            "bench-review": f"/reviews/{NUMBERS[REVIEWED]}",
            "bench-calendar": "/calendar",
            "bench-frequent": "/frequent?least=1",
            "bench-service": "/service",
            "bench-print": f"/print?on={TODAY}",
            "bench-papers": f"/cases/{number}/papers",
            "archive": f"/cases/{NUMBERS[CLOSED]}/archive",
        }
        for name, address in at.items():
            if self.asks_for(name):
                page.goto(f"{self.desk.url}{address}")
                page.locator("main h1").wait_for()
                self._top(name)
        if self.asks_for("bench-found"):
            page.goto(f"{self.desk.url}/cases")
            page.locator("#find").fill("专利资助")
            page.locator("main form button").first.click()
            page.locator("#found").wait_for()
            self._top("bench-found")
        if self.asks_for("start-register") or self.asks_for("bench-registered"):
            self._registering()
        page.set_viewport_size({"width": 1280, "height": 1600})

    def _top(self, name: str, height: int = 760) -> None:
        """The upper part of a page of ours, without the menu."""
        box = self.desk.page.locator("main").bounding_box()
        clip = {**box, "height": min(box["height"], height)}
        self.desk.page.screenshot(path=INTO / f"{name}.png", clip=clip)
        self._kept(name)

    def _address_bar(self) -> None:
        """A browser drawn around the first page: its frame is in no screenshot."""
        import base64

        page = self.desk.page
        page.goto(self.desk.url)
        page.locator("main h1").wait_for()
        seen = page.screenshot(clip={"x": 0, "y": 0, "width": 1280, "height": 260})
        drawn = BAR.format(url="http://127.0.0.1:4200", page=base64.b64encode(seen).decode("ascii"))
        page.goto("about:blank")
        page.set_content(drawn)
        self.mark(page.locator("#bar"), page.locator("#star"))
        self.keep("address-bar", page.locator("#all"))

    def _registering(self) -> None:
        """The first form, with what is filled in numbered; and what comes after it."""
        page = self.desk.page
        page.goto(f"{self.desk.url}/new/登记申请")
        fields = {name: page.locator(f"[name='field.{name}']") for name in FIRST}
        for name, value in FIRST.items():
            if fields[name].evaluate("one => one.tagName") == "SELECT":
                fields[name].select_option(label=value)
            else:
                fields[name].fill(value)
        page.set_viewport_size({"width": 1280, "height": 2600})
        press = page.locator("main form.form button:visible", has_text="提交").first
        self.mark(*(fields[one] for one in list(FIRST)[:5]), press)
        self.keep("start-register", page.locator("main form.form"))
        self.unmark()
        page.set_viewport_size({"width": 1280, "height": 900})
        press.click()
        page.locator(".said.done").wait_for()
        self._top("bench-registered", 400)

    def numbered(self) -> None:
        """A form of a case and its picker of days, with the steps numbered."""
        page = self.desk.page
        if self.asks_for("start-form"):
            self.open(NUMBERS["待判断公开主体"])
            card = self.card()
            told = card.get_by_text(NUMBERS["待判断公开主体"]).first
            tabs = card.locator(".p-button-group").first
            fields = card.locator(".schema-form-property").last
            press = card.get_by_role("button", name="提交")
            self.mark(told, tabs, fields, press)
            self.keep("start-form", card)
            self.unmark()
        if self.asks_for("date-picker"):
            self.open(NUMBERS["待确认收到"])
            day = self.card().locator(".p-date-button__control").first
            day.click()
            page.locator(".p-date-picker__footer").wait_for()
            page.wait_for_timeout(300)
            picker = page.locator(".p-date-picker").last
            header = picker.get_by_text("2026").first
            of_month = picker.locator(
                ".p-date-picker-day, .p-calendar__day, button", has_text="9"
            ).first
            sure = page.locator(".p-date-picker__footer").get_by_role("button", name="确定")
            self.mark(day, header, of_month, sure)
            boxes = [one.bounding_box() for one in (self.card(), picker)]
            left, top = (min(box[one] for box in boxes) for one in "xy")
            right = max(box["x"] + box["width"] for box in boxes)
            bottom = max(box["y"] + box["height"] for box in boxes)
            clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
            page.screenshot(path=INTO / "date-picker.png", clip=clip)
            self._kept("date-picker")
            self.unmark()

    def _page(self, name: str) -> None:
        self.desk.page.screenshot(path=INTO / f"{name}.png", animations="disabled")
        self._kept(name)

    def envelope(self) -> None:
        """The first envelope of the day, as it is printed."""
        from flows.printing import of_day

        if not self.asks_for(ENVELOPE):
            return
        content, _ = of_day.file_of(date.fromisoformat(TODAY), "信封.pdf")
        with closing(pypdfium2.PdfDocument(content)) as paper:
            paper[0].render(scale=1.5).to_pil().save(INTO / f"{ENVELOPE}.png")
        self._kept(ENVELOPE)

    def onward(self) -> None:
        """The way on to the next case of the list one came from, beside what submits the form."""
        if not self.asks_for("bench-next"):
            return
        page = self.desk.page
        page.goto(self.desk.url)
        page.locator("section.mine td:first-child a").first.click()
        self.desk.form().locator(".schema-form-property__label").first.wait_for()
        link = page.locator(".p-modal .desk-next")
        link.wait_for()
        page.wait_for_timeout(400)  # the dialog still grows
        foot = page.locator(".p-modal__footer")
        self.keep_part("bench-next", foot, foot)

    def refused(self) -> None:
        """Forms that come back: refused, or with the letter to read; and one that another has answered."""
        from flows.commands.robot_officer import Officer

        if self.asks_for("refused"):
            self.open(NUMBERS["待确认收到"])
            self.desk.fill(str(ConfirmReceipt.model_fields["received_on"].title), date(2026, 3, 1))
            self.desk.fill(OFFICER_TITLE, CLERK)
            self.desk.submit()
            self.desk.says("早于")
            self.keep("refused", self.card())
        number = NUMBERS["待起草"]
        if self.asks_for("read-first"):
            with Officer(CLERK) as officer:
                officer.choose(number, "correction_requested")
                officer.submit(
                    number,
                    "correction_requested",
                    requested_on=TODAY,
                    unclear="“专利资助名单”未写明年度",
                    guidance="请写明所申请名单的年度，或者文件名称、文号",
                    days=15,
                    then="先看文书全文",
                )
            self.open(number)
            self.keep("read-first", self.card())
        if self.asks_for("asked-again"):
            with Officer(CLERK) as officer:
                run = officer.start("登记申请", REFUSED)
            self.desk.page.goto(f"{self.desk.url}/runs/flow-run/{run.id}")
            self.desk.resume()
            self.desk.page.wait_for_timeout(500)
            self.keep("asked-again", self.card())
        number = NUMBERS["待判断公开主体"]
        if self.asks_for("untouched"):
            self.open(number)
            self.desk.tab("本机关")
            self.desk.submit()
            self.desk.says("必须填写")
            self.keep("untouched", self.card())
        if self.asks_for("stale"):
            self.open(number)
            with Officer(CLERK) as officer:
                officer.submit(number, "found_ours")
            self.desk.tab("本机关")
            self.desk.fill(OFFICER_TITLE, CLERK)
            self.desk.submit()
            self.desk.says("已经提交过了")
            told = self.desk.page.get_by_text("已经提交过了").last
            self.keep_part("stale", told, told)

    def undone(self) -> None:
        """What was done just now, on the first page, and the form that takes it back."""
        from flows.commands.robot_officer import Officer

        if not self.asks_for("bench-undo") and not self.asks_for("form-undo"):
            return
        page, number = self.desk.page, NUMBERS["待审核"]
        with Officer("李明") as officer:
            officer.submit(number, "approved")
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(self.desk.url)
        just = page.get_by_role("link", name=f"撤销 {number} 刚才一步")
        just.wait_for()
        self.mark(just)
        page.screenshot(
            path=INTO / "bench-undo.png", clip={"x": 0, "y": 0, "width": 1280, "height": 380}
        )
        self._kept("bench-undo")
        self.unmark()
        just.click()
        page.locator("main form.form").wait_for()
        self._top("form-undo")
        page.set_viewport_size({"width": 1280, "height": 1600})

    def signed(self) -> None:
        """A form once codes are asked for."""
        from flows.commands import enrolment

        if self.asks_for("code"):
            for name in (CLERK, LEADER):
                list(enrolment.enrol(name))  # drawn, and shown to nobody
            self.open(NUMBERS["待签发"])
            self.desk.tab("退回修改")
            self._tab("code")
            filled_in = {
                "修改意见": "请写明获取的方式",
                OFFICER_TITLE: LEADER,
                "动态口令": "000000",
            }
            for title, value in filled_in.items():
                self.desk.fill(title, value)
            self.desk.submit()
            self.desk.says("动态口令有误")
            self.keep("code-wrong", self.card())

    def logging_in(self) -> None:
        """The page of logging in, and that of an invited officer, once there are accounts."""
        from flows.commands import enrolment

        page = self.desk.page
        page.set_viewport_size({"width": 900, "height": 760})
        if not self.asks_for("login") and not self.asks_for("invitation"):
            return
        if "code" in self.taken:  # who has codes already is shown nothing to scan
            enrolment.revoke(CLERK)
        (told, *_) = enrolment.invite(CLERK)
        page.goto("about:blank")  # a page that is open leads to the login by itself
        page.goto(self.desk.url)
        page.locator("input[name=password]").wait_for()
        page.screenshot(path=INTO / "login.png")
        self._kept("login")
        page.get_by_role("link", name="首次登录").click()
        page.locator("input[name=officer]").fill(CLERK)
        page.locator("input[name=invitation]").fill(told.partition("：")[2])
        page.get_by_role("button").click()
        page.locator("svg").wait_for()
        page.screenshot(path=INTO / "invitation.png", full_page=True)
        self._kept("invitation")


def in_few_colours(picture: Image.Image) -> Image.Image:
    """The picture with a palette; of the colours that share a place in it the most frequent stays."""
    few = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    every = zip(*[iter(picture.tobytes())] * 3, strict=True)
    kept: dict[int, Any] = {}
    for (place, colour), _ in Counter(zip(few.tobytes(), every, strict=True)).most_common():
        kept.setdefault(place, colour)
    few.putpalette([part for place in range(COLOURS) for part in kept.get(place, (0, 0, 0))])
    return few


def _is_there(name: str) -> bool:
    return (INTO / f"{name}.png").is_file()


def _tabs(number: str) -> list[tuple[str, str]]:
    """The tabs of a case's form now: name of the picture (the act), title."""
    schema = _schema(number)
    found = []
    for tab in schema.get("anyOf", [schema]):
        kind = next(iter(tab["properties"])).partition(".")[0]
        found.append((kind.replace("choose", "procedures"), tab["title"]))
    return found


def _aside(number: str) -> list[str]:
    """The procedural acts behind the tab 程序."""
    from models.acts.catalogue import ACTS

    schema = _schema(number)
    entries = [tab["properties"].get("choose.procedure") for tab in schema.get("anyOf", [schema])]
    titles = [title for entry in entries if entry for title in entry["enum"]]
    return [kind for kind, act in ACTS.items() if act.title in titles]


def _schema(number: str) -> dict[str, Any]:
    from flows import office
    from flows.path import forms
    from models.register import register

    with office.reading() as session:
        return forms.point(session, register.case(session, number)).schema


def main(wanted: list[str]) -> None:
    """Take the pictures."""
    INTO.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, office_in(Path(scratch)) as address:
        from tests.browser import desk_in_browser

        with desk_in_browser(address, whole=True) as desk:
            album = Album(desk, wanted)
            desk.page.set_viewport_size({"width": 1280, "height": 1600})
            album.numbered()
            album.pages()
            for situation, slug in {**WHOLE, **dict.fromkeys(MORE, "")}.items():
                album.stage(situation, slug)
            for deployment, slug in BESIDE.items():
                album.beside(deployment, slug)
            album.lists()
            album.envelope()
            album.onward()
            album.refused()
            album.undone()
            album.signed()
            album.logging_in()


if __name__ == "__main__":
    main(sys.argv[1:])
