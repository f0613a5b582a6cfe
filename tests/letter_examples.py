"""One worked application for each letter: what an officer might have written, and the letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from letters.letter.facts import letter_of
from letters.letter.words import Letter
from models.agency.agency import load_agency
from models.case.case import Case
from models.case.matters import (
    Correction,
    Deferral,
    Draft,
    Excess,
    Extension,
    FeeNotice,
    Issued,
    Opinion,
    Served,
    Told,
)
from models.law.deadline import ClockEvent
from models.law.statute_files import load
from models.law.workdays import Calendar
from models.rehearsal.mix import load_mix

ROOT = Path(__file__).parent.parent
LAW = load(ROOT / "config").with_calendar(
    Calendar.load(ROOT / "config" / "workdays", hide=[2027])  # as before the notice of 2027
)
AGENCY = load_agency(ROOT / "config" / "office")

NOTICES = [kind for kind, row in LAW.letters.items() if row.subject == "application"]
KINDS = [*NOTICES, *LAW.outcomes]
RECEIVED, DATED = date(2026, 3, 2), date(2026, 3, 27)
NUMBERS = {kind: f"{AGENCY.series[row.series]}〔2026〕5号" for kind, row in LAW.letters.items()}

PARTICULARS: dict[str, dict[str, str]] = {
    "already_public": {
        "information": "《上海市知识产权保护和运用“十四五”规划》（沪知局〔2021〕9号）",
        "whereabouts": "本机关门户网站“政府信息公开”专栏的“规划计划”栏目，或者"
        "《上海市人民政府公报》2021年第16期",
    },
    "granted": {
        "information": "《2025年度专利转化专项资金分配方案》（沪知局规划〔2025〕21号）",
        "whereabouts": "随本告知书邮寄纸质复制件，共12页",
        "attachments": "《2025年度专利转化专项资金分配方案》（复制件，共12页）",
    },
    "partly_granted": {
        "information": "《2025年度专利代理机构检查情况通报》正文及附件1",
        "whereabouts": "随本告知书邮寄纸质复制件，共8页",
        "withheld": "该通报附件2《检查组评议记录》",
        "withheld_ground": "process_information",
        "reasons": "该记录是检查组成员在形成检查结论前的讨论意见",
        "open_by_law": "none",
        "discretion": "公开会影响检查人员坦率发表意见",
        "attachments": "《2025年度专利代理机构检查情况通报》正文\n《检查结果一览表》",
    },
    "state_secret": {
        "information": "《涉密专利申请处置情况报告》（文号略）",
        "ground": "制作机关依照《中华人民共和国保守国家秘密法》确定为秘密级，保密期限10年",
        "reasons": "该报告已依法标明密级和保密期限，目前尚在保密期限内",
    },
    "prohibited_by_law": {
        "information": "201810000000.0号专利申请的检索意见",
        "ground": "《中华人民共和国专利法》第二十一条第三款",
        "reasons": "该专利申请尚未公布，法律规定有关人员对其内容负有保密责任",
    },
    "endangers_security": {
        "information": "《重点展会知识产权安全保卫工作方案》",
        "reasons": "该方案载有展会安保力量部署和应急处置路线，公开后可能危及公共安全",
    },
    "third_party_rights": {
        "information": "某某科技有限公司2025年度专利质押融资补贴申报材料",
        "public_interest": "no",
        "reasons": "材料中的客户名单、成本和报价不为公众所知悉，具有商业价值，并采取了保密措施",
    },
    "internal_affairs": {
        "information": "本机关2025年度车辆调度记录",
        "reasons": "该记录属于后勤管理信息，只反映机关内部车辆安排",
        "open_by_law": "none",
        "discretion": "该信息对外部不产生直接影响，公开会增加机关内部管理的负担",
    },
    "process_information": {
        "information": "《关于调整专利资助政策的请示》（送审稿）",
        "reasons": "该请示是决策过程中的请示报告，有关政策尚未作出决定",
        "open_by_law": "none",
        "discretion": "决定作出前公开会影响意见的充分表达，也可能使公众误解尚未确定的政策",
    },
    "enforcement_file": {
        "information": "沪知法处〔2025〕8号案件的询问笔录和现场检查笔录",
        "reasons": "上述笔录是行政执法过程中形成并归入案卷的材料",
        "open_by_law": "none",
        "discretion": "笔录涉及被询问人的陈述，公开会影响今后的调查取证",
    },
    "special_inquiry": {
        "information": "本市某某路1号办公用房的不动产登记资料",
        "special_law": "《不动产登记暂行条例》第二十七条",
        "window": "不动产所在地的不动产登记机构查询窗口",
    },
    "archived": {
        "information": "《上海市专利管理局1995年度专利工作总结》（沪专管〔1996〕3号）",
        "special_law": "《中华人民共和国档案法》第二十八条",
        "window": "上海市档案馆档案利用服务窗口",
        "transfer": "《2016年到期档案移交清单》（2016年9月12日，第3册第41号）",
        "reasons": "本机关于2026年3月18日检索档案系统并核对移交清单，该件在移交之列，本机关未留存副本",
    },
    "not_existing": {
        "search": "2026年3月10日在本机关公文系统和档案室，以“专利代理、约谈、2019年”为关键词，"
        "检索2019年1月至12月的发文、收文和归档文件，未找到有关记录",
    },
    "not_ours": {
        "reasons": "商标注册由国务院知识产权行政部门负责，有关注册档案由其制作并保存",
        "responsible_agency": "国家知识产权局",
        "responsible_contact": "北京市海淀区西土城路6号，政府信息公开办公室",
    },
    "needs_processing": {
        "reasons": "申请要求按区、按行业统计十年间的专利纠纷调解成功率，本机关只保存逐件调解记录，"
        "没有按此口径统计的材料",
    },
    "still_unclear": {
        "correction_history": "本机关于2026年3月4日告知补正，3月12日收到补正材料，"
        "补正后的内容为“与企业有关的全部材料”",
        "reasons": "补正后的内容没有名称、文号、时间或者其他可以据以查找的特征",
    },
    "petition": {
        "reasons": "申请表要求本机关查处某某公司假冒专利的行为并答复结果，"
        "没有提出需要获取的政府信息",
        "proper_channel": "12315、12345热线，或者向违法行为发生地知识产权管理部门书面投诉",
    },
    "repeated": {
        "earlier_reply_on": "2025-11-03",
        "earlier_reply_number": "沪知公开告〔2025〕31号",
    },
    "public_publication": {
        "information": "《上海市人民政府公报》2025年第1期至第24期",
        "whereabouts": "上海市人民政府门户网站公报栏目，或者国家档案馆、公共图书馆的政府信息查阅点",
    },
    "excessive": {
        "counts": "2026年1月1日至2月28日共提出申请126件，其中2月12日一日提出41件",
        "explanation": "“想多了解一些情况”",
        "reasons": "所述情况与申请的内容和数量没有合理联系",
    },
    "reconfirmation": {
        "reasons": "申请表要求在此前提供的复制件上加盖公章并确认其内容属实",
        "earlier_reply_on": "2025-11-03",
        "earlier_reply_number": "沪知公开告〔2025〕31号",
    },
    "not_corrected": {"noticed_on": "2026-03-05"},
    "fee_unpaid": {"noticed_on": "2026-01-20"},
    "withdrawn": {"withdrawn_on": "2026-03-09"},
    "not_government_information": {
        "reasons": "所提“专利权质押登记需要多长时间”是询问办事程序，不是请求提供已有的记录",
    },
    "criminal_justice": {
        "reasons": "所申请的立案侦查情况通报由本机关会同公安机关在办理某假冒注册商标罪案件中形成，"
        "属于刑事诉讼活动的记录",
    },
    "party_matter": {
        "reasons": "所申请的会议纪要由中共上海市知识产权局党组就党员教育管理事项形成，"
        "不涉及行政管理事项",
    },
    "otherwise_closed": {
        "reasons": "申请人已于2026年3月16日死亡，其近亲属表示不再需要所申请的信息",
        "recipient": "张三的近亲属张小三",
    },
}
REHEARSED = load_mix(ROOT / "config", LAW).particulars
for kind, row in LAW.outcomes.items():  # whose letter has no example of its own yet
    usual = {name: REHEARSED.get(name, RECEIVED.isoformat()) for name in row.requires}
    PARTICULARS.setdefault(kind, usual)


def case_for(kind: str, **changes: object) -> Case:
    """An application as it stands when the letter of that kind goes out."""
    case = Case(
        "SQ202600012",
        channel="in_person",
        arrived_on=RECEIVED,
        received_on=RECEIVED,
        applicant_kind="自然人",
        applicant="张三",
        request="某某科技有限公司的有关材料",
        clock=[ClockEvent("received", RECEIVED)],
    )
    if kind in ("correction", "not_corrected", "still_unclear"):
        asked = date(2026, 3, 4)
        case.correction = Correction(
            asked,
            10,
            "没有写明所需材料的名称、文号、形成时间或者其他可以据以查找的特征",
            "请写明所需材料的名称或者文号；\n不知道名称、文号的，请写明材料形成的时间和事由",
        )
        case.clock.append(ClockEvent("correction_requested", asked, days=10))
    if kind == "still_unclear":
        assert case.correction is not None
        case.correction.corrected_on = date(2026, 3, 12)
        case.clock.append(ClockEvent("corrected", date(2026, 3, 12)))
    if kind == "extension":
        case.extension = Extension(
            DATED, 20, "申请的材料涉及多个处室，检索和审查的工作量较大", "李某某"
        )
        case.clock.append(ClockEvent("extended", DATED, days=20))
    if kind.startswith("consultation_") or kind == "third_party_told":
        agency = kind == "consultation_agency"
        case.opinions = [
            Opinion(
                "1",
                "joint_agency" if agency else "third_party",
                "上海市经济和信息化委员会" if agency else "某某科技有限公司",
                "《2025年度专利质押融资补贴申报材料》中的客户名单和报价部分",
                "该材料由两机关联合受理并形成"
                if agency
                else "客户名单和报价可能属于商业秘密，公开可能影响公平竞争",
                date(2026, 3, 10),
                nature="" if agency else "unit",
            )
        ]
    if kind == "third_party_rights":
        case.opinions = [
            Opinion(
                "1",
                "third_party",
                "某某科技有限公司",
                "2025年度专利质押融资补贴申报材料",
                "客户名单和报价可能属于商业秘密",
                date(2026, 3, 10),
                answered_on=date(2026, 3, 20),
                view="object",
                reasons="材料中的客户名单和报价属于商业秘密",
                reasonable="yes",
                nature="unit",
            )
        ]
    if kind == "third_party_told":
        case.opinions[0].answered_on = date(2026, 3, 20)
        case.opinions[0].view, case.opinions[0].reasonable = "object", "no"
        case.opinions[0].reasons = "属于商业秘密"
        case.told = [
            Told(
                "1",
                DATED,
                "unreasonable",
                "2025年度专利质押融资补贴的获补贴企业名称、补贴金额",
                "名称和金额已在公示中载明，不属于不为公众所知悉的信息",
            )
        ]
    if kind == "service_receipt":
        case.letters = [Issued("reply", "沪知公开告〔2026〕5号", DATED)]
        case.handover = Served("", DATED, "in_person", "张三", officer="陈静")
    if kind in ("reasons", "deferral"):
        case.excess = Excess(
            date(2026, 3, 9), 7, "2026年1月1日至3月6日共提出申请126件，其中3月2日一日提出41件"
        )
    if kind == "deferral":
        assert case.excess is not None
        case.excess.given_on, case.excess.reasonable = date(2026, 3, 16), True
        case.excess.explanation = "正在编写本市专利代理行业史，需要逐年的行业数据"
        case.deferral = Deferral(
            DATED, date(2026, 6, 30), "所申请的材料分散在十余个年度的纸质档案中，须逐卷查阅"
        )
        case.clock.append(ClockEvent("deferred", DATED, until=date(2026, 6, 30)))
    if kind in ("fee", "fee_refund"):
        charge(case, kind)
    if kind == "fee_unpaid":
        case.received_on = date(2026, 1, 5)
        case.clock = [
            ClockEvent("received", case.received_on),
            ClockEvent("fee_noticed", date(2026, 1, 20)),
        ]
    if kind in LAW.outcomes:
        case.draft = Draft(kind, dict(PARTICULARS[kind]), "王某")
    return replace(case, **changes)


def charge(case: Case, kind: str) -> None:
    """A fee asked for by the piece; or paid by the page, and given back."""
    if kind == "fee":
        case.fee = FeeNotice(
            date(2026, 3, 20),
            "by_piece",
            41,
            1,
            "2026年3月1日至3月2日，两日内共提出申请42件",
            AGENCY.fee_payment,
        )
        case.clock.append(ClockEvent("fee_noticed", date(2026, 3, 20)))
    if kind == "fee_refund":
        case.fee = FeeNotice(
            date(2026, 3, 4),
            "by_page",
            0,
            68,
            "一次申请材料68页",
            AGENCY.fee_payment,
            date(2026, 3, 4),
            date(2026, 3, 6),
            380,
            refunded_on=DATED,
            refunded=380,
            refund_reasons="经审查，所申请的信息已经主动公开",
            refund_way="原路退回缴款账户",
        )


def written(
    kind: str, case: Case | None = None, dated: date | None = None, **agency: str
) -> Letter:
    """The letter of that kind, as the office writes it."""
    dates = {
        "receipt": RECEIVED,
        "correction": date(2026, 3, 4),
        "reasons": date(2026, 3, 9),
        "fee": date(2026, 3, 20),
    }
    number = NUMBERS.get(kind, "沪知公开告〔2026〕5号")
    who = AGENCY.model_copy(update=agency)
    return letter_of(
        kind, case or case_for(kind), number, dated or dates.get(kind, DATED), LAW, who
    )
