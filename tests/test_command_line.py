"""The command line: every command has help with an example; what is wrong is one sentence, exit 2."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from databases import empty_register
from published_reports import FOLDER, FORMS, NAMES, report
from whole_years import fill

from flows import office
from flows.__main__ import main, parser
from flows.commands.ledger_commands import UNKEPT
from flows.year import annual_report
from models.register import register
from models.report_tables.form import form_for
from models.report_tables.identities import checks
from models.report_tables.table3 import table3
from models.store.tables import Application

ROOT = Path(__file__).resolve().parents[1]
COMMANDS = (
    *(
        "demo",
        "serve",
        "worker",
        "server",
        "scheduler",
        "receive",
        "application-form",
        "case",
        "cases",
    ),
    *("deadline", "sweep", "supervision", "outbox", "calendar", "annual-report"),
    *("sign-report", "correct-report", "overrule", "simulate", "merge", "check"),
    *(
        "import",
        "export",
        "statistics",
        "frequent",
        "enrol",
        "new-key",
        "invite",
        "accounts",
        "log",
    ),
    *("rekey", "clock", "backup", "restore", "verify", "destroy", "move"),
    *("rehearse", "export-case"),
    *("materials", "guide"),
    *("print", "stationery", "service", "archive"),
)
RECEIVE = {
    "--channel": "当面提交",
    "--kind": "自然人",
    "--applicant": "周晓岚",
    "--request": "2025年专利资助名单",
    "--arrived": "2026-03-02",
}

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """`run("case", "SQ…")` → exit code, output, complaint; on an empty register, 2026-03-02."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("DISCLOSURE_PORT", str(probe.getsockname()[1]))  # nobody listens there
        with empty_register(tmp_path, monkeypatch):

            def one(*arguments: object) -> tuple[int, str, str]:
                capsys.readouterr()
                try:
                    code = main([str(argument) for argument in arguments])
                except SystemExit as end:
                    code = int(end.code or 0)
                return code, *capsys.readouterr()

            yield one


def receive(run: Run, **changed: str) -> tuple[int, str, str]:
    options = RECEIVE | {f"--{name}": value for name, value in changed.items()}
    return run("receive", *(word for option in options.items() for word in option))


def refused(answer: tuple[int, str, str], said: str) -> None:
    """Exit 2, nothing on stdout, and one sentence on stderr that says so."""
    code, out, err = answer
    assert (code, out) == (2, "")
    assert said in err
    assert err.startswith("disclosure")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    assert "Traceback" not in err


def ledger(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "台账.csv"
    head = "登记号,收到日期,提交方式,申请人类别,申请人,联系方式,申请内容,办理结果,办结日期,备注"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


# ── help ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_has_an_example_that_parses(command: str, run: Run) -> None:
    code, out, err = run(*command.split(), "--help")
    assert (code, err) == (0, "")
    example = out.strip().splitlines()[-1]
    assert example.startswith(f"示例：disclosure {command}")
    assert parser().parse_args(example.removeprefix("示例：disclosure ").split())
    assert not re.search(r"usage|options:|positional|show this", out)


def test_the_commands_are_those_of_the_contract_and_ours(run: Run) -> None:
    listed = re.findall(r"^    (\S+)", run("--help")[1], re.MULTILINE)
    assert tuple(listed) == COMMANDS


def test_help_needs_no_setting_and_takes_no_time() -> None:
    code = "import sys, flows.__main__ as m; m.parser(); print(*sys.modules)"
    environment = os.environ | {"DISCLOSURE_TODAY": "x", "DISCLOSURE_CONFIG": "/nowhere"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    heavy = {"prefect", "sqlalchemy", "docx", "openpyxl", "pydantic"} & set(done.stdout.split())
    assert heavy == set()


def test_it_is_run_as_a_module_with_the_exit_code_of_the_command(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "flows", "check", tmp_path / "没有.json"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    refused((done.returncode, done.stdout, done.stderr), "无法读取文件")


# ── what is wrong ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "缺少 命令"),
        (["办理"], "没有名为“办理”的命令"),
        (["case"], "缺少 编号"),
        (["case", "SQ202600009"], "登记簿中没有编号为“SQ202600009”的申请"),
        (["case", "1", "2"], "没有这样的参数：2"),
        (["cases", "--due-before", "明天"], "--due-before：“明天”不是日期，应如 2026-03-02"),
        (["cases", "--stage", "办理中"], "--stage：“办理中”不是办理环节，应为待确认收到、"),
        (["cases", "--due"], "没有这样的参数：--due"),
        (["deadline"], "--received --events 应选其一"),
        (["deadline", "--received", "2026-02-30"], "“2026-02-30”不是日期"),
        (["deadline", "--received", "2005-03-02"], "2005-03-02 这一天没有生效的规定"),
        (["deadline", "--received", "2026-03-02", "--events", "-"], "不能同时使用"),
        (["deadline", "--events", "/没有.jsonl"], "无法读取文件 /没有.jsonl"),
        (["sweep", "--on", "2026-3-2"], "“2026-3-2”不是日期"),
        (["import"], "缺少 文件"),
        (["import", "/没有.csv"], "台账 没有.csv：文件不存在"),
        (["import", "x.csv", "--prefix", "{日}-"], "“{日}-”中的“{”不认识，只有 {年}、{月}、{表}"),
        (
            ["export", "/没有/x.csv", "--from", "2026-03-02", "--to", "2026-03-01"],
            "开始日期2026年3月2日晚于结束日期2026年3月1日",
        ),
        (
            ["log", "--from", "2026-03-02", "--to", "2026-03-01", "--out", "/没有/x.csv"],
            "开始日期2026年3月2日晚于结束日期2026年3月1日",
        ),
        (["annual-report", "2025"], "缺少 --out"),
        (["annual-report", "去年", "--out", "x"], "年份 应为整数，而不是“去年”"),
        (["annual-report", "2018", "--out", "x"], "没有适用于 2018 年度报告的表格格式"),
        (["annual-report", "2027", "--out", "x"], "2027年在2026年3月2日尚未开始"),
        (["annual-report", "2025", "--out", "x", "--as-of", "2026"], "“2026”不是日期"),
        (["annual-report", "2025", "--out", "x", "--as-of", "2026-03-03"], "只到今天"),
        (["annual-report", "2025", "--out", "/dev/null/x"], "无法写入目录 /dev/null/x"),
        (["check", "/没有.json"], "无法读取文件 /没有.json"),
        (["check", "/proc/self/attr"], "目录中没有可以核对的文件"),
    ],
)
def test_what_is_wrong_is_one_sentence(arguments: list[str], said: str, run: Run) -> None:
    refused(run(*arguments), said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "第1行第1列：不是有效的 JSON"),
        ('{"year": 2023}', "table3：缺少表三"),
        ('{"year": 2023, "table3": {"1": [1]}}', 'table3 的"1"行：应为7个数的列表'),
        ('{"year": 1999, "table3": {}}', "没有适用于 1999 年度报告的表格格式"),
    ],
)
def test_a_file_that_is_no_tables_is_named_with_the_place(
    content: str, said: str, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "tables.json"
    path.write_text(content, encoding="utf-8")
    refused(run("check", path), said)
    if "1999" not in content:
        refused(run("check", path), str(path))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DISCLOSURE_TODAY", "昨天", "环境变量 DISCLOSURE_TODAY 的值“昨天”有误：应为日期"),
        ("DISCLOSURE_PORT", "http", "环境变量 DISCLOSURE_PORT 的值“http”有误：应为 1 至 65535"),
        ("DISCLOSURE_CONFIG", "/没有", "practice.toml 的 全文 有误：文件不存在"),
        ("DISCLOSURE_HOME", "/dev/null", "环境变量 DISCLOSURE_HOME 的值“/dev/null”有误"),
        ("DISCLOSURE_DATABASE_URL", "数据库", "环境变量 DISCLOSURE_DATABASE_URL"),
        ("DISCLOSURE_DATABASE_URL", "oracle9://x", "应为 SQLite 或 PostgreSQL 的地址"),
        ("DISCLOSURE_DATABASE_URL", "sqlite:////dev/null/x.db", "无法打开数据库 sqlite:////dev"),
        ("DISCLOSURE_DATABASE_URL", "sqlite:////没有/x.db", "无法打开数据库 sqlite:////没有"),
        ("DISCLOSURE_DATABASE_URL", f"sqlite:////{'x' * 300}/x.db", "名称太长，没有做完"),
        ("DISCLOSURE_DATABASE_URL", "sqlite:///{here}/no.db", "无法打开数据库 sqlite:///"),
        (
            "DISCLOSURE_DATABASE_URL",
            "postgresql://u:secret@/x?host=/nowhere",
            "无法打开数据库 postgresql://u:***@/x",
        ),
    ],
)
def test_a_bad_setting_is_said_before_anything_is_done(
    name: str, value: str, said: str, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DISCLOSURE_DATABASE_URL")
    (tmp_path / "no.db").write_text("不是数据库" * 100, "utf-8")
    with monkeypatch.context() as spoilt:
        spoilt.setenv(name, value.replace("{here}", str(tmp_path)))
        answer = receive(run)
        refused(answer, said)
        assert "secret" not in answer[2]
    with office.reading() as session:
        assert register.applications(session) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("practice.toml", "[[choice]]", "[[choice", "practice.toml 的 全文 有误：不是有效的 TOML"),
        ("statute/channels.toml", 'key = "fax"', 'kex = "fax"', "channels.toml 的 第 6 个"),
        ("office/agency.toml", "name = ", "nam = ", "agency.toml 的 全文 的 name 有误"),
    ],
)
def test_a_fault_in_config_is_said_with_its_file_and_place(
    file: str,
    old: str,
    new: str,
    said: str,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder)
    spoilt = (folder / file).read_text(encoding="utf-8").replace(old, new, 1)
    (folder / file).write_text(spoilt, encoding="utf-8")
    monkeypatch.setenv("DISCLOSURE_CONFIG", str(folder))
    refused(receive(run), said)


def test_a_config_without_forms_is_said(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "config"
    shutil.copytree(ROOT / "config", folder, ignore=lambda *_: ["annual"])
    monkeypatch.setenv("DISCLOSURE_CONFIG", str(folder))
    said = "form_*.toml 的 全文 有误：至少应有一种年度报告格式"
    refused(run("check", FOLDER / f"{NAMES[0]}.json"), said)
    refused(run("annual-report", 2025, "--out", tmp_path / "out"), said)
    refused(run("import", ledger(tmp_path)), said)


# ── the register ──────────────────────────────────────────────────────────────────────────────


def test_an_application_is_received_and_looked_up(run: Run) -> None:
    code, out, err = receive(run, officer="陈静", contact="13800000000")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "已登记：SQ202600001（待确认收到）"
    assert "办理系统未启动" in out
    code, out, _ = run("case", "SQ202600001")
    assert code == 0
    assert "周晓岚（自然人）" in out
    assert "申请内容：2025年专利资助名单" in out
    assert "13800000000" not in out
    assert "登记申请　陈静" in out
    assert "可以办理：确认收到申请" in out


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"channel": "微博"}, "提交方式“微博”应为当面提交"),
        ({"kind": "个人"}, "“申请人类别”应从所列选项中选择，而不是“个人”"),
        ({"applicant": " "}, "请填写申请人姓名或名称"),
        ({"applicant": "名" * 201}, "“申请人姓名或名称”最多200个字"),
        ({"request": ""}, "请填写申请内容"),
        ({"arrived": "2026-03-03"}, "到件日期（2026年3月3日）晚于今天（2026年3月2日）"),
        ({"arrived": "三月二日"}, "--arrived：“三月二日”不是日期"),
        ({"written-by": "李明", "channel": "传真"}, "“传真”的申请是书面提出的"),
        ({"authority": "2026-03-01授权委托书"}, "填写了委托手续的，请填写代理人姓名"),
        ({"form-wanted": "式" * 201}, "“获取信息的方式”最多200个字"),
        ({"contact": "\x1b[2J"}, "“联系方式”第1个字符是不可见的控制字符"),
        ({"officer": "陈" * 61}, "“办理人”最多60个字"),
    ],
)
def test_an_application_that_cannot_be_is_not_registered(
    changed: dict[str, str], said: str, run: Run
) -> None:
    refused(receive(run, **changed), said)
    with office.reading() as session:
        assert register.applications(session) == []
    assert receive(run)[1].startswith("已登记：SQ202600001")


def test_the_register_is_listed_with_its_filters(run: Run, tmp_path: Path) -> None:
    receive(run, officer="陈静")
    receive(run, officer="李明")
    rows = (
        "旧1,2026-02-02,网络,自然人,吴国强,,某名单,,,",
        "旧2,2026-03-02,网络,其他,某镇某村民委员会,,某名单,,,",
        "旧3,2025-02-02,网络,自然人,郑敏,,某名单,3.1,2025-02-20,",
    )
    assert run("import", ledger(tmp_path, *rows))[:2] == (0, "导入3件，已在登记簿中0件\n")

    def listed(*options: str) -> list[str]:
        code, out, err = run("cases", *options)
        numbers = [line.split("\t")[0] for line in out.splitlines()]
        assert (code, err) == (0, f"共{len(numbers)}件\n")
        return numbers

    assert listed() == ["SQ202600001", "SQ202600002", "旧1", "旧2"]
    assert listed("--all") == ["SQ202600001", "SQ202600002", "旧1", "旧2", "旧3"]
    assert listed("--stage", "已办结") == ["旧3"]
    assert listed("--stage", "待确认收到") == ["SQ202600001", "SQ202600002"]
    assert listed("--officer", "陈静") == ["SQ202600001"]
    assert listed("--due-before", "2026-03-20") == ["旧1"]
    assert "郑敏" not in run("cases", "--all")[1]


def test_a_case_taken_over_is_shown_also_from_before_the_law(run: Run, tmp_path: Path) -> None:
    run("import", ledger(tmp_path, "旧,2006-02-02,网络,自然人,郑敏,,某名单,3.1,2006-02-20,"))
    code, out, _ = run("case", "旧")
    assert code == 0
    assert "2006年2月20日　台账所载办理结果" in out
    assert "台账不载办理步骤，期限无从计算" in out


def test_the_sweep_names_what_needs_attention(run: Run, tmp_path: Path) -> None:
    run("import", ledger(tmp_path, "旧,2026-01-04,网络,自然人,郑敏,,某名单,,,"))
    code, out, err = run("sweep", "--on", "2026-03-02")
    assert (code, err) == (0, "")
    assert "旧　" in out
    assert "已逾期" in out


# ── import, year end, check ───────────────────────────────────────────────────────────────────


def test_a_ledger_is_imported_once_and_its_faults_are_named_by_line(
    run: Run, tmp_path: Path
) -> None:
    good = "1,2025-02-02,网络,自然人,郑敏,,某名单,3.1,2025-02-20,"
    path = ledger(tmp_path, good)
    assert run("import", path) == (0, "导入1件，已在登记簿中0件\n", f"{UNKEPT}\n")
    since = ("--complete-since", "2025-01-01")
    stated = "导入0件，已在登记簿中1件\n已记下：登记簿自2025年1月1日起完整\n"
    assert run("import", path, *since) == (0, stated, "")
    assert run("import", path) == (0, "导入0件，已在登记簿中1件\n", "")
    path = ledger(tmp_path, good, good.replace("1,", "2,", 1).replace("自然人", "某人"))
    refused(run("import", path), "台账 台账.csv 第3行：申请人类别“某人”应为")
    with office.reading() as session:
        assert session.get(Application, "2") is None


PAGES = ("report.html", "picture.svg", "picture.png", "cells.html")


def test_the_year_end_prints_its_files_and_only_blanks_fail_the_check(
    run: Run, tmp_path: Path
) -> None:
    run("import", ledger(tmp_path, "1,2025-02-02,网络,自然人,郑敏,,某名单,3.1,2025-02-20,"))
    out = tmp_path / "年报"
    names = ("report.docx", "tables.xlsx", "tables.json")
    files = [out / name for name in (*names, *PAGES)]
    code, said, told = run("annual-report", 2025, "--out", out)
    assert (code, said) == (1, "".join(f"{f}\n" for f in files))
    assert {line.partition("：")[0] for line in told.splitlines()} == {"待补充", "不成立"}
    assert "待补充：五、存在的主要问题\n" in told
    code, found, told = run("check", files[2])
    assert (code, told) == (1, "")
    assert found.startswith("table2.blank：表二有10格未填写：规章·本年制发件数、")
    assert found.endswith("共1处不成立\n")
    fill(2025)
    assert run("annual-report", 2025, "--out", out) == (0, said, "")
    assert all(file.stat().st_size for file in files)
    assert run("check", files[2]) == (0, "勾稽关系全部成立\n", "")


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ('problems = "公开\\u0007不够"', "problems"),
        ('[[overall]]\nmatters = []\ntext = "公开\\u0000不够"', "第 1 个 [[overall]]"),
        ('[figures]\n"访问量" = "3\\u000b万"', "[figures]"),
    ],
)
def test_a_control_character_in_the_words_of_the_year_is_refused(
    words: str, where: str, run: Run, tmp_path: Path
) -> None:
    path = annual_report.text_file(2025)
    path.parent.mkdir(parents=True)
    path.write_text(words, encoding="utf-8")
    answer = run("annual-report", 2025, "--out", tmp_path / "out")
    refused(answer, f"2025.toml 的 {where} 有误：“{where}”第")
    assert "个字符是不可见的控制字符（U+00" in answer[2]


def test_the_year_end_says_what_it_leaves_out(run: Run, tmp_path: Path) -> None:
    run("import", ledger(tmp_path, "1,2025-02-02,网络,自然人,郑敏,,某名单,3.1,2025-02-20,"))
    code, _, err = run("annual-report", 2025, "--out", tmp_path / "x", "--as-of", "2026-01-31")
    assert (code, err.splitlines()[0]) == (1, "注意：另有1件在这一天之后才登记，未计入")


def test_tables_that_do_not_balance_exit_1_with_cells_and_cases(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from models.report_tables.table3 import Table3
    from models.year import year_end

    run("import", ledger(tmp_path, "1,2025-02-02,网络,自然人,郑敏,,某名单,3.1,2025-02-20,"))
    count = year_end.tables

    def one_lost(*given: object, **how: object) -> dict[int, Table3]:
        tables = count(*given, **how)  # type: ignore[arg-type]
        tables[2025].cells["3.7"]["自然人"] = []
        return tables

    monkeypatch.setattr(year_end, "tables", one_lost)
    code, out, err = run("annual-report", 2025, "--out", tmp_path / "out")
    assert code == 1
    assert len(out.splitlines()) == 7
    [said] = [line for line in err.splitlines() if "‘自然人’列：一＋二与三（七）" in line]
    assert "不是同样的申请（1件与0件，相差1件）" in said
    assert said.endswith("：1")
    data = json.loads((tmp_path / "out" / "tables.json").read_text(encoding="utf-8"))
    assert {"cases.balance.自然人", "cases.results.自然人"} <= {
        check["id"] for check in data["checks"] if not check["ok"]
    }
    assert run("check", tmp_path / "out" / "tables.json")[0] == 1


@pytest.mark.parametrize("name", NAMES)
def test_check_exits_1_on_the_published_tables_that_are_wrong(name: str, run: Run) -> None:
    wrong = {"hongze_district_2023": 2, "shuyang_county_drc_2023": 1}.get(name, 0)
    code, out, err = run("check", FOLDER / f"{name}.json")
    doubt = name == "hongze_district_2024"  # its words speak of 17 applications, its table of 95
    assert (code, err.startswith("存疑：文字部分写")) == (1 if wrong else 0, doubt)
    assert out.splitlines()[-1] == (f"共{wrong}处不成立" if wrong else "勾稽关系全部成立")
    assert len(out.splitlines()) == wrong + 1


def test_the_help_of_overrule_names_a_check_that_every_report_has(run: Run) -> None:
    form = form_for(FORMS, 2025)
    found = checks(table3([], 2025, form), table3([], 2024, form))
    example = re.search(r"disclosure overrule 2025 (\S+)", run("overrule", "--help")[1])
    assert example
    assert example.group(1) in {check.id for check in found}


def test_check_names_the_cell_that_was_changed(run: Run, tmp_path: Path) -> None:
    data = report("suqian_city_2023")
    data["table3"]["3.4.1"][1] += 1
    path = tmp_path / "改.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    code, out, _ = run("check", path)
    assert code == 1
    assert "‘商业企业’列：（一）至（六）各项之和" in out
    assert "‘（四）无法提供 1.本机关不掌握相关政府信息’行" in out


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_leaves_early_is_no_fault(tmp_path: Path, unbuffered: str) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    environment = os.environ | {"DISCLOSURE_HOME": str(tmp_path), "DISCLOSURE_TODAY": "2026-03-02"}
    environment |= {"PYTHONUNBUFFERED": unbuffered}
    environment.pop("DISCLOSURE_DATABASE_URL", None)
    with os.fdopen(writes, "wb") as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "flows", "deadline", "--received", "2026-03-02"],
            cwd=ROOT,
            check=False,
            env=environment,
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert (done.returncode, done.stderr) == (0, "")
