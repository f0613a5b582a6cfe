"""What identifies or reaches an applicant, and so is kept sealed (个人信息保护法 28, 51).

The one list: the forms, the register's table and the server that takes the forms all ask here. The
applicant's name is not in it: the register and the letters are kept by it.
"""

from __future__ import annotations

from typing import Final

PARTICULARS: Final = {
    "identity": "身份证明号码",
    "contact": "联系方式",
    "address": "通信地址",
}
"""Column of the register, and name of the field in a form → the field's title."""

CODE: Final = "one_time_code"
"""The field in which an officer signs: good once, and nobody's to read either."""

SEALED: Final = frozenset({*PARTICULARS, CODE})
"""The names under which a submitted form holds what Prefect must not see."""
