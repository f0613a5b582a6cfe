"""Situations of an application, each reached by real acts, and the acts that are barred there.

Lines as in cases/edge_cases.toml (tests/played.py plays them). Of the acts of its stage a situation
bars those it names, for the reason that has these words; all the others can be done.
"""

from __future__ import annotations

from datetime import date

from histories import DRAFTER
from played import AT, FIRST, Played, lines
from sqlmodel import Session

from models.acts.intake.imported import ImportedReceipt, ImportedResult
from models.acts.intake.receipt import Register
from models.register import register
from models.store.tables import Applicant

THIRD = "征求对象＝第三方；对象的姓名或名称＝某公司；征求意见的信息＝合同；为什么征求其意见＝可能涉及商业秘密"
AGENCY_ASKED = (
    "征求对象＝其他机关；对象的姓名或名称＝某局；征求意见的信息＝来文；为什么征求其意见＝涉及其职责"
)
PIECES = (
    "数量、频次明显超过合理范围的情况＝本月第11件；收费标准＝按件；按件：本自然月此前的申请件数＝10"
)
PAGES = "数量、频次明显超过合理范围的情况＝一次68页；收费标准＝按量；按量：提供信息的页数＝68"
OBJECTS = "意见＝不同意公开；不同意的理由是否合理＝理由不合理"
GIVEN = (
    "起草　办理结果＝予以公开（提供）；"
    "信息名称（文件标题、文号）＝《专利资助名单》（3页）；获取方式和途径＝随本告知书附送"
)
SECRET = (
    "起草　办理结果＝属于国家秘密；信息名称＝《专利资助名单》；"
    "具体法律依据＝《国家秘密定密管理规定》第五条（定密依据示例）；"
    "事实和理由＝名单所涉项目已依法定密，尚未解密"
)
DRAFTED = f"2026-03-10　{GIVEN}\n2026-03-10　审核通过"

HAD = "说明理由通知已登记于2026-03-04送达"
NO_LETTER_OUT = {
    "consultation_delivered": "没有尚待登记送达",
    "consultation_returned": "没有尚未送达的征求意见书",
}
NOBODY_ASKED = NO_LETTER_OUT | {"consultation_ended": "没有征求过意见"}
NO_EXCESS = {
    "reasons_notice_delivered": "没有发出过说明理由通知",
    "reasons_given": "没有要求申请人说明理由",
    "deferred": "未认定申请理由合理",
}
NOTHING_TO_REVISE = {
    "another_part": "终止办理的申请没有其他部分",
    "revised": "没有承办人拟写的文字可以改动",
}
NO_OFFICE_ASKED = {"records_supplied": "没有请处室提供材料"}
NO_FEE_PAID = {"fee_refunded": "没有收取信息处理费"}
ALONE = (
    NO_OFFICE_ASKED | NO_FEE_PAID | {"answered_together": "没有已签发、并写明一并答复本件的告知书"}
)
DRAFTING_ALONE = ALONE | {"answers_joined": "没有同一申请人待答复的其他申请"}
PLAIN = NOBODY_ASKED | NO_EXCESS
POSTED = {"reply_bounced": "不是以网上平台、电子邮件送达的，没有退信"}

SITUATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "待确认收到": (
        "2026-03-02　登记　提交方式＝互联网渠道",
        {"registered": "该申请已经登记", "redecision_ordered": "请先确认收到，登记收到申请之日"},
    ),
    "待判断公开主体": ("2026-03-02　收到", PLAIN | ALONE),
    "等待补正": ("2026-03-02　收到\n2026-03-04　补正", NOBODY_ASKED),
    "等待补正，已过所给的期限": (
        "2026-03-02　收到\n2026-03-04　补正　补正期限＝5；送达日期＝2026-03-04\n"
        "2026-03-20　期限　⇒ 停止计算",
        NOBODY_ASKED | {"correction_delivered": "补正告知书已登记于2026-03-04送达"},
    ),
    "已补正，待判断公开主体": (
        "2026-03-02　收到\n2026-03-04　补正\n2026-03-06　收到补正",
        PLAIN | ALONE | {"correction_requested": "补正只能一次性告知"},
    ),
    "待起草": ("2026-03-02　收到\n2026-03-02　本机关", PLAIN | DRAFTING_ALONE),
    "待起草，已请处室提供材料": (
        "2026-03-02　收到\n2026-03-02　本机关\n"
        "2026-03-03　请处室提供　处室＝规划发展处；需要检索、提供的材料＝项目名单；最迟何日提供＝2026-03-09",
        PLAIN | {one: why for one, why in DRAFTING_ALONE.items() if one not in NO_OFFICE_ASKED},
    ),
    "属于其他机关，待起草": (
        "2026-03-02　收到\n2026-03-02　其他机关",
        PLAIN | DRAFTING_ALONE,
    ),
    "待起草，已经逾期": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-31　期限　⇒ 2026-03-30",
        PLAIN
        | DRAFTING_ALONE
        | {"extended": "答复期限已于2026-03-30届满", "fee_noticed": "期限已于2026-03-30届满"},
    ),
    "待起草，已延期": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　延期",
        PLAIN | DRAFTING_ALONE | {"extended": "已于2026-03-04延期一次"},
    ),
    "征求意见，尚未送达": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}",
        NO_EXCESS | ALONE | {"split": "不再拆分登记"},
    ),
    "征求意见，退回后无法联系": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n2026-03-06　意见书退回\n"
        "2026-03-06　本机关",
        NO_EXCESS | DRAFTING_ALONE | {"consultation_returned": "没有尚未送达的征求意见书"},
    ),
    "征求意见，已经答复": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n2026-03-04　意见书送达\n"
        "2026-03-06　登记意见　意见＝同意公开\n2026-03-06　本机关",
        NO_LETTER_OUT | NO_EXCESS | DRAFTING_ALONE,
    ),
    "等待缴费": (f"2026-03-02　收到\n2026-03-04　收费　{PAGES}", NOBODY_ASKED),
    "等待缴费，通知已送达": (
        f"2026-03-02　收到\n2026-03-04　收费　{PAGES}\n2026-03-05　通知送达",
        NOBODY_ASKED | {"fee_notice_delivered": "收费通知已登记于2026-03-05送达"},
    ),
    "已缴费": (
        f"2026-03-02　收到\n2026-03-04　收费　{PIECES}；送达日期＝2026-03-04\n2026-03-06　已缴费",
        PLAIN
        | {one: why for one, why in ALONE.items() if one not in NO_FEE_PAID}
        | {"fee_noticed": "只能按一种标准收费一次", "split": "不再拆分登记"},
    ),
    "已要求说明理由": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　说明理由",
        NOBODY_ASKED
        | DRAFTING_ALONE
        | {"reasons_asked": "已于2026-03-04要求说明理由", "deferred": "未认定申请理由合理"},
    ),
    "理由合理，尚未告知延迟": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　说明理由　送达日期＝2026-03-04\n"
        "2026-03-06　收到理由　理由是否合理＝理由合理",
        NOBODY_ASKED
        | DRAFTING_ALONE
        | {"reasons_asked": "已于2026-03-04要求说明理由", "reasons_notice_delivered": HAD},
    ),
    "理由合理、已经逾期": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　说明理由　送达日期＝2026-03-04\n"
        "2026-03-06　收到理由　理由是否合理＝理由合理\n2026-03-31　期限　⇒ 2026-03-30",
        NOBODY_ASKED
        | DRAFTING_ALONE
        | {
            "reasons_asked": "已于2026-03-04要求说明理由",
            "reasons_notice_delivered": HAD,
            "extended": "答复期限已于2026-03-30届满",
            "fee_noticed": "期限已于2026-03-30届满",
            "deferred": "答复期限已于2026-03-30届满，不能再延迟",
        },
    ),
    "理由合理，已告知延迟答复": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-04　说明理由　送达日期＝2026-03-04\n"
        "2026-03-06　收到理由　理由是否合理＝理由合理\n2026-03-06　延迟答复　延迟至何日答复＝2026-06-01",
        NOBODY_ASKED
        | DRAFTING_ALONE
        | {
            "reasons_asked": "已于2026-03-04要求说明理由",
            "reasons_notice_delivered": HAD,
            "reasons_given": "已认定理由合理并告知延迟答复",
            "deferred": "已于2026-03-06告知延迟答复",
            "extended": "不再延期",
        },
    ),
    "待审核": (
        f"2026-03-02　收到\n2026-03-10　{GIVEN}",
        NOBODY_ASKED,
    ),
    "撤回的申请，待审核": (
        "2026-03-02　收到\n2026-03-10　起草　办理结果＝其他：申请人撤回",
        NOBODY_ASKED | NOTHING_TO_REVISE,
    ),
    "等待补正时撤回，待审核": (
        "2026-03-02　收到\n2026-03-04　补正\n2026-03-10　起草　办理结果＝其他：申请人撤回",
        NOBODY_ASKED | NOTHING_TO_REVISE | {"extended": "期限停止计算期间"},
    ),
    "分项答复，另一部分待起草": (
        "2026-03-02　收到\n2026-03-10　起草　办理结果＝予以公开（提供）\n2026-03-10　分项",
        PLAIN | DRAFTING_ALONE,
    ),
    "待保密审查": (
        f"2026-03-02　收到\n2026-03-10　{SECRET}\n2026-03-10　审核通过",
        NOBODY_ASKED,
    ),
    "待签发": (f"2026-03-02　收到\n{DRAFTED}", NOBODY_ASKED),
    "待签发，第三方意见未到": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n2026-03-04　意见书送达\n{DRAFTED}",
        NO_LETTER_OUT | {"signed": "收到意见或者期限届满前不能决定公开"},
    ),
    "待发出": (
        f"2026-03-02　收到\n{DRAFTED}\n2026-03-10　签发",
        NOBODY_ASKED | {"third_party_told": "没有不同意公开而决定公开、尚未告知的第三方"},
    ),
    "待发出，送达回证已制作": (
        f"2026-03-02　收到\n{DRAFTED}\n2026-03-10　签发\n2026-03-10　送达回证",
        NOBODY_ASKED
        | {
            "third_party_told": "没有不同意公开而决定公开、尚未告知的第三方",
            "receipt_made_out": "送达回证已经制作",
        },
    ),
    "待签发，征求意见书未送达": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n{DRAFTED}",
        {"signed": "尚未登记送达"},
    ),
    "待签发，其他机关不同意": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{AGENCY_ASKED}\n"
        f"2026-03-06　登记意见　意见＝不同意公开；其说明的理由＝尚在会签\n{DRAFTED}",
        {"consultation_returned": "没有尚未送达的征求意见书", "signed": "请先协商、确认"},
    ),
    "待发出，第三方无法联系": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n2026-03-06　意见书退回\n"
        f"{DRAFTED}\n2026-03-10　签发",
        {
            "consultation_returned": "没有尚未送达的征求意见书",
            "replied": "发出前应当先书面告知该第三方",
        },
    ),
    "待发出，第三方不同意": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n2026-03-04　意见书送达\n"
        f"2026-03-06　登记意见　{OBJECTS}\n{DRAFTED}\n2026-03-10　签发",
        NO_LETTER_OUT | {"replied": "发出前应当先书面告知该第三方"},
    ),
    "已办结，邮寄": (
        "2026-03-02　收到\n2026-03-10　答复　办理结果＝予以公开（提供）",
        NOBODY_ASKED | POSTED,
    ),
    "已办结，电子邮件": (
        "2026-03-02　收到\n2026-03-10　答复　办理结果＝予以公开（提供）；送达方式＝电子邮件",
        NOBODY_ASKED | {"letter_returned": "被退信的视为没有发出，请登记“退信”"},
    ),
    "已退信，待重新发出": (
        "2026-03-02　收到\n2026-03-10　答复　办理结果＝予以公开（提供）；送达方式＝电子邮件\n"
        "2026-03-10　退信",
        NOBODY_ASKED | {"third_party_told": "没有不同意公开而决定公开、尚未告知的第三方"},
    ),
    "已办结，征求意见书尚未登记送达": (
        f"2026-03-02　收到\n2026-03-04　征求意见　{THIRD}\n"
        "2026-03-10　答复　办理结果＝属于四类过程性信息",
        POSTED,
    ),
    "已办结，当面送达": (
        "2026-03-02　收到\n"
        "2026-03-10　答复　办理结果＝予以公开（提供）；送达方式＝当面送达；签收人＝张三",
        NOBODY_ASKED | POSTED | {"letter_received": "已登记申请人于2026-03-10收到"},
    ),
    "撤回答复，重新办理": (
        "2026-03-02　收到\n2026-03-10　答复　办理结果＝予以公开（提供）\n2026-03-20　撤回答复",
        PLAIN | DRAFTING_ALONE,
    ),
    "责令重新答复，重新办理": (
        "2026-03-02　收到\n2026-03-10　答复　办理结果＝予以公开（提供）\n2026-06-08　重新答复",
        PLAIN | DRAFTING_ALONE,
    ),
    "已注销登记": (
        "2026-03-02　登记\n2026-03-02　注销",
        NOBODY_ASKED
        | POSTED
        | {
            "letter_returned": "没有可以补登送达的告知书",
            "served_again": "没有可以补登送达的告知书",
            "letter_received": "没有可以补登送达的告知书",
            "reply_withdrawn": "没有可以撤回的告知书",
            "redecision_ordered": "已注销的登记没有可以重新答复的申请",
        },
    ),
    "另一件待答复，可以一并答复": (
        "2026-03-02　【乙】收到\n2026-03-02　收到\n2026-03-02　本机关",
        PLAIN | ALONE,
    ),
    "另一件的告知书已写明一并答复本件": (
        "2026-03-02　收到\n2026-03-02　本机关\n2026-03-02　【乙】收到\n2026-03-02　【乙】本机关\n"
        "2026-03-10　【乙】一并答复\n2026-03-10　【乙】答复　办理结果＝予以公开（提供）",
        PLAIN
        | NO_OFFICE_ASKED
        | NO_FEE_PAID
        | {"answers_joined": "没有同一申请人待答复的其他申请"},
    ),
    "台账所载、已办结": (
        "",
        NOBODY_ASKED
        | POSTED
        | {
            "letter_returned": "没有可以补登送达的告知书",
            "served_again": "没有可以补登送达的告知书",
            "letter_received": "没有可以补登送达的告知书",
            "reply_withdrawn": "没有可以撤回的告知书",
        },
    ),
}


FITTING: dict[str, dict[str, object]] = {
    "corrected": {"late_reason": "住院治疗"},
    "fee_noticed": {"before": 10},
    "extended": {"days": 5},
    "extension_drafted": {"days": 5},
    "deferred": {"reply_by": date(2026, 6, 1)},
    "particulars_destroyed": {"kept_until": date(2026, 3, 1)},
}
"""What fits every situation, where the form proposes what fits one."""


def reached(session: Session, name: str) -> Played:
    """The situation, reached by real acts; what an earlier ledger states is taken over."""
    play = Played(session, today=date(2026, 3, 10))
    for line in lines(SITUATIONS[name][0]):
        play.line(line)
    if FIRST not in play.numbers:
        first = Register(
            channel="in_person",
            arrived_on=date(2026, 3, 2),
            applicant_kind="自然人",
            applicant="张三",
            request="2025年度专利资助名单",
        )
        stated = [
            first,
            ImportedReceipt(received_on=date(2026, 3, 2)),
            ImportedResult(row="3.1", closed_on=date(2026, 3, 9)),
        ]
        person = Applicant(case_number="台账1")
        register.take_over(session, [(person, stated)], play.now(DRAFTER), AT)
        play.numbers[FIRST] = ["台账1"]
    return play
