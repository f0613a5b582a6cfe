"""拟稿 → 审核 → 保密审查 → 签发: which way an answer goes, who may not, and back (Arts. 17, 33, 45)."""

from __future__ import annotations

import pytest
from histories import DRAFTER, HEAD, LAW, History, particulars, standing
from officers import CLEARER, OFFICERS, REVIEWER, SIGNER, STAFFED

from flows.shown.brief import brief
from models.acts.catalogue import ACTS, lawful
from models.acts.reply.secrecy import not_reviewed, secrecy_grounds
from models.agency.officers import Role
from models.case.matters import Draft, Part
from models.case.stage import Stage
from models.errors import ActRefused

GROUNDS = {"state_secret", "endangers_security"}
GIVEN = {"granted", "partly_granted"}
ALL_GIVEN = LAW.under(secrecy_review_scope="grounds_and_given")
THIRD = "赵第三"


# ── which way it goes ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("law", "asked"), [(LAW, GROUNDS), (ALL_GIVEN, GROUNDS | GIVEN)])
@pytest.mark.parametrize("outcome", LAW.outcomes)
def test_an_answer_is_reviewed_if_its_ground_asks_for_it(outcome: str, law, asked) -> None:
    history = standing(Stage.REVIEW)
    history.law, history.case.draft = law, Draft(outcome, {}, DRAFTER)
    proposed = ACTS["approved"].proposal(history.case, history.now())["next"]
    assert proposed == ("secrecy" if outcome in asked else "signing")
    refused = history.refusals("approved", HEAD, next="signing")
    assert bool(refused) == (outcome in asked)
    if refused:
        assert f"“{law.outcomes[outcome].label}”，签发前须经保密审查" in refused[0]
    assert history.refusals("approved", HEAD, next="secrecy") == []  # in doubt, it may always be


@pytest.mark.parametrize("ground", sorted(GROUNDS))
def test_also_as_the_ground_of_what_is_withheld_or_of_a_part(ground: str) -> None:
    withheld = Draft("partly_granted", {"withheld_ground": ground}, DRAFTER)
    part = Draft("granted", {}, DRAFTER, parts=[Part("其余", ground, {})])
    within = Draft(
        "granted", {}, DRAFTER, parts=[Part("其余", "partly_granted", {"withheld_ground": ground})]
    )
    for draft in (withheld, part, within):
        assert [row.key for row in secrecy_grounds(draft, LAW, standing(Stage.REVIEW).today)] == [
            ground
        ]


def test_each_ground_is_named_once() -> None:
    draft = Draft("state_secret", {}, DRAFTER, parts=[Part("其余", "state_secret", {})])
    assert len(secrecy_grounds(draft, LAW, standing(Stage.REVIEW).today)) == 1


def secret(stage: Stage) -> History:
    """An answer refused as a state secret, come to this stage."""
    history = standing(Stage.DRAFTING).draft("state_secret")
    if stage is Stage.REVIEW:
        return history
    history.usual("approved", next="secrecy")
    return history if stage is Stage.SECRECY else history.usual("secrecy_cleared")


def test_what_was_not_cleared_cannot_be_signed() -> None:
    history = secret(Stage.REVIEW)
    history.case.stage = Stage.SIGNING  # as a case may stand that was reviewed before the rule was
    offered = {act.kind for act in lawful(history.case, history.now())}
    assert "sent_back" in offered
    assert "signed" not in offered
    with pytest.raises(ActRefused, match="签发前须经保密审查（条例第十七条）"):
        history.usual("signed")
    assert secret(Stage.SIGNING).usual("signed").case.stage is Stage.DISPATCH


def test_what_is_drafted_anew_is_reviewed_anew() -> None:
    for stage in (Stage.SECRECY, Stage.SIGNING):
        history = secret(stage).usual("sent_back").draft("state_secret")
        assert not_reviewed(history.case, LAW, history.today)
        history.approved()
        assert history.case.draft is not None
        assert history.case.draft.cleared_by == HEAD


def test_the_clearance_of_one_part_is_not_that_of_another() -> None:
    history = secret(Stage.REVIEW).usual("another_part").draft("granted")
    history.usual("approved", next="secrecy").usual("secrecy_cleared").usual("sent_back")
    assert history.case.draft is not None
    assert history.case.draft.cleared_by == ""


def test_a_referral_is_kept_with_the_comments() -> None:
    history = secret(Stage.SECRECY)
    history.usual("secrecy_cleared", comment="同意", referral="报市保密局，确定为秘密级")
    assert history.case.draft is not None
    assert history.case.draft.comments == [
        f"{HEAD}：同意",
        f"{HEAD}：报请确定：报市保密局，确定为秘密级",
    ]


# ── back, as often as needed ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("stage", [Stage.REVIEW, Stage.SECRECY, Stage.SIGNING])
def test_from_each_stage_it_is_sent_back_with_comments_as_often_as_needed(stage: Stage) -> None:
    history = secret(Stage.REVIEW)
    for words in ("请补充定密依据", "请核对文号", "仍不清楚"):
        if stage is not Stage.REVIEW:
            history.usual("approved", next="secrecy")
        if stage is Stage.SIGNING:
            history.usual("secrecy_cleared")
        assert history.case.stage is stage
        history.usual("sent_back", comment=words)
        assert history.case.stage is Stage.DRAFTING
        history.draft("state_secret")
    assert history.case.draft is not None
    assert history.case.draft.comments[-3:] == [
        f"{HEAD}：请补充定密依据",
        f"{HEAD}：请核对文号",
        f"{HEAD}：仍不清楚",
    ]


# ── who may not ─────────────────────────────────────────────────────────────────────────────────
def test_nobody_reviews_or_signs_what_they_drafted() -> None:
    assert secret(Stage.REVIEW).refusals("approved", DRAFTER, next="secrecy") == [
        f"起草人（{DRAFTER}）不能审核自己起草的答复（条例第四十五条）"
    ]
    assert secret(Stage.SECRECY).refusals("secrecy_cleared", DRAFTER) == [
        f"起草人（{DRAFTER}）不能保密审查自己起草的答复（条例第四十五条）"
    ]
    assert "不能签发自己起草的告知书" in "".join(
        secret(Stage.SIGNING).refusals("signed", DRAFTER, signed_on=standing(Stage.REVIEW).today)
    )


def test_who_drafted_an_earlier_version_does_not_sign_but_may_review() -> None:
    history = standing(Stage.REVIEW).usual("sent_back")
    history.act("drafted_granted", THIRD, **particulars("granted"))
    history.usual("approved", DRAFTER)
    with pytest.raises(ActRefused, match=f"起草人（{DRAFTER}）不能签发"):
        history.usual("signed", DRAFTER)
    assert history.usual("signed").case.stage is Stage.DISPATCH


def test_with_officers_listed_each_does_their_own_to_the_end() -> None:
    history = standing(Stage.DRAFTING)
    history.agency = STAFFED
    history.draft("state_secret")
    history.usual("approved", REVIEWER, next="secrecy").usual("secrecy_cleared", CLEARER)
    history.usual("signed", SIGNER).usual("replied", DRAFTER)
    assert (history.case.stage, history.case.signed_by) == (Stage.CLOSED, SIGNER)


def test_the_only_one_who_signs_neither_drafts_nor_revises() -> None:
    history = standing(Stage.SIGNING)
    history.agency = STAFFED
    said = f"能够签发的只有{SIGNER}，起草、改稿的人不能签发"
    with pytest.raises(ActRefused, match=said):
        history.usual("revised", SIGNER)
    second = OFFICERS[4].model_copy(update={"name": THIRD})
    history.agency = STAFFED.model_copy(update={"officers": (*OFFICERS, second)})
    history.usual("revised", SIGNER).usual("approved", REVIEWER)
    with pytest.raises(ActRefused, match="能够签发的只有"):
        history.usual("revised", THIRD)
    assert history.usual("signed", THIRD).case.stage is Stage.DISPATCH
    both = OFFICERS[4].model_copy(update={"roles": (Role.HANDLE, Role.SIGN)})
    history = standing(Stage.DRAFTING)
    history.agency = STAFFED.model_copy(update={"officers": (*OFFICERS[:4], both)})
    with pytest.raises(ActRefused, match=said):
        history.usual("drafted_granted", SIGNER)
    assert history.usual("drafted_granted", DRAFTER).case.stage is Stage.REVIEW


# ── extension: the head's own act (Art. 33) ─────────────────────────────────────────────────────
def test_the_head_extends_and_the_letter_names_the_consent() -> None:
    history = standing(Stage.DRAFTING)
    history.agency = STAFFED
    proposed = ACTS["extended"].proposal(history.case, history.now())
    assert proposed["consented_by"] == HEAD
    with pytest.raises(ActRefused, match="没有“公开机构负责人”的职责"):
        history.usual("extended", DRAFTER)
    history.usual("extended", HEAD, consented_by="")
    assert history.case.extension is not None
    assert history.case.extension.consented_by == HEAD


def test_the_handler_drafts_the_extension_and_the_head_consents() -> None:
    history = standing(Stage.DRAFTING)
    history.agency = STAFFED
    with pytest.raises(ActRefused, match=r"合计最长不超过20个工作日（条例第三十三条）"):
        history.usual("extension_drafted", days=21)
    with pytest.raises(ActRefused, match="请写明延期理由"):
        history.usual("extension_drafted", reasons=" ")
    history.usual("extension_drafted", days=20).usual("extension_drafted", days=12, reasons="卷多")
    drafted, before = history.case.extension_drafted, history.case.deadline(LAW)
    assert drafted is not None
    assert (drafted.days, drafted.drafted_by) == (12, DRAFTER)
    assert before is not None
    assert (before.extended_on, len(history.case.letters)) == (None, 1)  # nobody was told yet
    proposed = ACTS["extended"].proposal(history.case, history.now(HEAD))
    assert (proposed["days"], proposed["reasons"]) == (12, "卷多")
    told = {"days": proposed["days"], "reasons": proposed["reasons"], "consented_by": ""}
    with pytest.raises(ActRefused, match="没有“公开机构负责人”的职责"):
        history.usual("extended", DRAFTER, **told)
    history.usual("extended", HEAD, **told)
    extension, after = history.case.extension, history.case.deadline(LAW)
    assert extension is not None
    assert (extension.days, extension.consented_by) == (12, HEAD)
    assert history.case.extension_drafted is None
    assert after is not None
    assert after.extended_on == history.today
    with pytest.raises(ActRefused, match="不得再次延期（条例第三十三条）"):
        history.usual("extension_drafted")


def test_without_a_list_an_extension_is_one_act() -> None:
    history = standing(Stage.DRAFTING)
    with pytest.raises(ActRefused, match="直接办理“延期”（条例第三十三条）"):
        history.usual("extension_drafted")
    assert history.usual("extended").case.extension is not None


def test_the_form_tells_the_head_of_the_draft() -> None:
    history = standing(Stage.DRAFTING)
    history.agency = STAFFED
    assert "拟延期" not in brief(history.case, history.now())
    history.usual("extension_drafted", days=12, reasons="卷多")
    told = brief(history.case, history.now())
    assert f"**拟延期**　12个工作日，{DRAFTER}于" in told
    assert "理由：卷多；待公开机构负责人办理“延长答复期限”，同意并告知申请人" in told


def test_a_head_does_not_extend_in_the_name_of_another() -> None:
    history = standing(Stage.DRAFTING)
    history.agency = STAFFED.model_copy(
        update={"officers": (*OFFICERS, OFFICERS[3].model_copy(update={"name": THIRD}))}
    )
    assert "consented_by" not in ACTS["extended"].proposal(history.case, history.now())
    with pytest.raises(ActRefused, match=f"办理人应为{HEAD}（条例第三十三条）"):
        history.usual("extended", THIRD, consented_by=HEAD)


def test_a_reply_is_withdrawn_by_who_decides_it() -> None:
    history = standing(Stage.CLOSED)
    history.agency = STAFFED
    with pytest.raises(ActRefused, match=f"撤回由决定的负责人本人办理，办理人应为{HEAD}"):
        history.usual("reply_withdrawn", SIGNER, decided_by=HEAD)
    assert history.usual("reply_withdrawn", SIGNER, decided_by=SIGNER).case.stage is Stage.DRAFTING


def test_who_withdraws_a_reply_need_not_name_himself_where_officers_are_listed() -> None:
    history = standing(Stage.CLOSED)
    history.agency = STAFFED
    assert history.usual("reply_withdrawn", SIGNER, decided_by="").case.stage is Stage.DRAFTING
    alone = standing(Stage.CLOSED)
    with pytest.raises(ActRefused, match="须经签发人决定，请填写其姓名"):
        alone.usual("reply_withdrawn", decided_by="")


def test_without_a_list_the_head_is_named() -> None:
    with pytest.raises(ActRefused, match="延期须经政府信息公开工作机构负责人同意"):
        standing(Stage.DRAFTING).usual("extended", consented_by=" ")
