"""Where does an application stand, and who applies? The words that the law's rooms share.

They are what the register's columns may hold, too (models/store/tables.py).
"""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """Where an application stands; the value is what the officer reads."""

    CONFIRMING = "待确认收到"
    JURISDICTION = "待判断公开主体"
    CORRECTION = "等待补正"
    FEE = "等待缴费"
    DRAFTING = "待起草"
    REVIEW = "待审核"
    SECRECY = "待保密审查"
    SIGNING = "待签发"
    DISPATCH = "待发出"
    CLOSED = "已办结"


OPEN = tuple(str(stage) for stage in Stage if stage is not Stage.CLOSED)
"""As the register's column holds them."""


class ApplicantKind(StrEnum):
    """The six columns of table 三."""

    NATURAL_PERSON = "自然人"
    ENTERPRISE = "商业企业"
    RESEARCH = "科研机构"
    WELFARE = "社会公益组织"
    LEGAL_SERVICE = "法律服务机构"
    OTHER = "其他"
