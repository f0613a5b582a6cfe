"""Sentences of many offices beside their own tables: what is true is not stopped, what is wrong is found."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from sentence_benchmark import FOLDER, said_of, tables

OFFICES: list[dict[str, Any]] = tomllib.loads((FOLDER / "offices.toml").read_text("utf-8"))[
    "office"
]


def beside(office: dict[str, Any], sentence: str) -> dict[str, tuple[str, str]]:
    """What is found of a sentence that stands behind the one that every report begins with."""
    data = tables(office)
    received, closed = data["table3"]["1"][6], data["table3"]["3.7"][6]
    opening = f"{office['year']}年，收到政府信息公开申请{received}件，办结{closed}件。"
    return said_of((opening if received else "") + sentence, data)


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office["what"])
def test_no_true_sentence_of_an_office_is_held_against_its_report(office: dict[str, Any]) -> None:
    stopped = [
        message
        for sentence in office["true"]
        for verdict, message in beside(office, sentence).values()
        if verdict == "不成立"
    ]
    assert not stopped


@pytest.mark.parametrize("office", OFFICES, ids=lambda office: office["what"])
def test_every_wrong_sentence_of_an_office_is_found(office: dict[str, Any]) -> None:
    silent = [
        sentence
        for sentence in office["wrong"]
        if not {"不成立", "存疑"} & {verdict for verdict, _ in beside(office, sentence).values()}
    ]
    assert not silent


@pytest.mark.parametrize(
    ("sentence", "name", "verdict"),
    [
        # what is counted behind a figure that is not of all, as many as there are in it
        ("上年结转58件，其中予以公开20件，无法提供38件。", "granted", "存疑"),
        ("自然人申请1102件，其中予以公开350件。", "granted", "存疑"),
        ("部分公开97件，其中过程性信息60件。", "属于四类过程性信息", "存疑"),
        ("不予公开102件，其中过程性信息60件。", "属于四类过程性信息", "不成立"),
        ("办结1282件，其中予以公开350件。", "granted", "不成立"),
        # of one agency among those of the report
        ("区规划资源局予以公开66件、部分公开12件。", "partly", "存疑"),
        ("我局予以公开66件、部分公开12件。", "partly", "不成立"),
        ("区公安分局新收申请97件，上年结转4件。", "carried_in", "存疑"),
        ("街道层面，新收329件，办结330件。", "closed", "存疑"),
        # by an article, or for a reason, that is no row
        ("依据第十六条不予公开60件。", "refused", "存疑"),
        # the two rows that are called so, or the group
        ("不再处理16件。", "no_longer_handled", "成立"),
        ("不再处理93件。", "no_longer_handled", "成立"),
        ("不再处理17件。", "no_longer_handled", "不成立"),
        ("新收和结转政府信息公开申请共1344件。", "handled", "成立"),
        ("新收和结转政府信息公开申请共1345件。", "handled", "不成立"),
        ("上年无结转。", "carried_in", "存疑"),
        # of some that its own words name, and those counted with it
        ("拆迁类申请予以公开12件、无法提供9件。", "unable", "存疑"),
        ("经审查，予以公开12件、无法提供9件。", "unable", "不成立"),
        ("因信息不存在无法提供400件。", "unable", "成立"),
        ("因信息不存在无法提供545件。", "unable", "不成立"),
        ("提前办结700件，按期办结582件。", "closed", "存疑"),
        ("与2022年（收到1042件、办结1050件）相比有所增加，办结1283件。", "closed", "不成立"),
        ("新增行政复议40件，上年结转3件。", "carried_in", "存疑"),
        ("联合制发规范性文件2件。", "表二.行政规范性文件.made", "存疑"),
        ("公安机关收到申请468件，予以公开92件。", "granted", "存疑"),
        ("我区收到申请1286件，予以公开403件。", "granted", "不成立"),
        ("新收1286件，撤回21件，实际办理1265件。", "handled", "存疑"),
        ("实际办理1265件。", "handled", "不成立"),
        ("区级部门制发规范性文件7件。", "表二.行政规范性文件.made", "存疑"),
        ("作出较大数额罚款行政处罚决定6件。", "表二.行政处罚.decisions", "存疑"),
        ("立案并作出行政处罚决定6件。", "表二.行政处罚.decisions", "不成立"),
        ("互动平台公开272件、部分公开20件、不公开20件。", "refused", "存疑"),
        ("公开类答复499件，非公开类答复783件。", "disclosed", "成立"),
        ("区政府办收到的128件中，办结125件，结转3件。", "closed", "存疑"),
        ("区政府作为被告的信息公开诉讼9件。", "suits", "存疑"),
        ("全部或部分公开499件。", "granted＋partly", "成立"),
        ("复议后诉讼14件。", "suits_after", "存疑"),
        ("商业企业134件，其中民营企业120件。", "申请人：商业企业", "存疑"),
        ("不准予公开103件。", "refused", "不成立"),
        ("年内收到并办结1100件。", "closed", "存疑"),
        ("收到并办结1100件。", "closed", "不成立"),
        ("撤回30件。", "其他处理之其他", "成立"),
        ("撤回50件。", "其他处理之其他", "不成立"),
        ("新收的1286件申请全部予以公开。", "disclosed", "不成立"),
        ("另行制作39件。", "没有现成信息需要另行制作", "不成立"),
        ("行政复议43件，均维持。", "reviews.结果维持", "存疑"),
        ("全年无行政复议案件。", "reviews", "存疑"),
        ("因政府信息公开引发行政复议43件，纠错6件。", "reviews.结果纠正", "不成立"),
        (
            "区政府及区政府办公室制发规范性文件5件，废止3件。",
            "表二.行政规范性文件.repealed",
            "存疑",
        ),
    ],
)
def test_whose_figure_it_is_decides_how_surely_it_is_wrong(
    sentence: str, name: str, verdict: str
) -> None:
    district = OFFICES[1]
    assert beside(district, sentence)[f"text.{name}"][0] == verdict


def test_a_year_before_a_bracket_is_of_all_in_it() -> None:
    found = beside(OFFICES[1], "与2022年（收到1042件、办结1050件）相比，分别增加244件、232件。")
    assert {verdict for verdict, _ in found.values()} == {"成立"}
