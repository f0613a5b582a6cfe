"""How the register's tables came to be what they are: revisions in a row (Alembic).

A column or table is added with a revision of its own (`.ci/migration`); tests/test_migrations.py
fails without one. What a register was made or brought up to stands in it, in `MARK`.
"""

from __future__ import annotations

from sqlalchemy import Column, MetaData, String, Table

REVISIONS = {
    "0001": "标明登记簿的结构（2026年11月）",
    "0002": "登记的事项标明版本；全部登记连成可以核验的链",
    "0003": "未办成的表单保留所填内容，直至办成或者取消",
    "0004": "申请人的个人信息、动态口令的登记连入登记链",
    "0005": "办理人各自登录的账户；登录和查阅的记录",
    "0006": "环节“待判断权属”改称“待判断公开主体”",
}
"""Every revision in order, and what it changes, as whoever keeps the register reads it."""

FIRST = next(iter(REVISIONS))
HEAD = list(REVISIONS)[-1]

MARK = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))
"""Where a register says which revision it is at; the table is Alembic's."""
