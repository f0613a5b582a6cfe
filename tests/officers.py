"""An agency whose officers are listed, for the tests of who may do what."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from histories import AGENCY, DRAFTER, HEAD

from models.agency.officers import Officer, Role

REVIEWER, CLEARER, SIGNER = "李明", "周密", "王建国"
OFFICERS = (
    Officer(name=DRAFTER, department="政务公开办公室", roles=(Role.HANDLE,)),
    Officer(name=REVIEWER, department="法制处", roles=(Role.REVIEW,)),
    Officer(name=CLEARER, department="保密办", roles=(Role.SECRECY,)),
    Officer(name=HEAD, department="政务公开办公室", roles=(Role.HEAD,)),
    Officer(name=SIGNER, department="局领导", roles=(Role.SIGN,)),
)
STAFFED = AGENCY.model_copy(update={"officers": OFFICERS})


def officers_toml(roles: Mapping[str, Sequence[str]]) -> str:
    """officers.toml: each officer's department and roles, by name."""
    made = ""
    for name, (department, *mine) in roles.items():
        made += f'[[officer]]\nname = "{name}"\ndepartment = "{department}"\n'
        made += f"roles = {json.dumps(mine)}\n\n"
    return made
