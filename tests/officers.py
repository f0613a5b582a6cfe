"""An agency whose officers are listed, for the tests of who may do what."""

from __future__ import annotations

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
