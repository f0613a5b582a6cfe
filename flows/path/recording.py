"""How an act of an application becomes one transaction: event, letter number and wording, row.

The one entrance of such acts: `take_in` for the first of a case, `perform` for each further one at
its position, `perform_now` where a form names the case alone, `perform_all` for those of many cases
that a list states. That of all other registers is
flows/path/entering.py.

Files are written after the commit, from what is in the database, and can always be written again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy import bindparam
from sqlalchemy.orm import defer
from sqlmodel import Session, select

from flows import office
from flows.installation import files
from flows.path import signing
from flows.path.form_fields import OFFICER, Answer, By
from flows.path.signing import REHEARSING, Rehearsed, sign, signed
from letters.letter.facts import letter_of
from letters.letter.words import Letter
from models.acts import catalogue
from models.acts.afterwards.undoing import Undo
from models.acts.catalogue import ACTS
from models.acts.intake.receipt import Register
from models.case.act import Act, Circumstances, RegisterAct
from models.case.case import Case
from models.errors import UNCOMPUTABLE, ActRefused, Superseded
from models.register import filed_letters, numbers_meant, refusals, register, same_applicant
from models.register.codes import Signature
from models.register.undone_steps import to_undo
from models.store.happened import rows
from models.store.tables import Applicant, Application, Document, Entry, Event
from models.words.days_told import told

DAY = "day"  # kept with what was typed: the day that its officer was shown as today
THEN = "then"  # what a form with a letter is submitted for
READ_FIRST, SEND = "先看文书全文", "发出文书"

A = TypeVar("A", bound=RegisterAct[Any])


@dataclass(frozen=True)
class Recorded:
    """What became of an answer: recorded (with the letters it issued), or refused with reasons.

    came_late = the point was answered already, by this submission before or by somebody else
    begotten = numbers of the applications that the act made besides
    """

    case: Case
    reasons: tuple[str, ...] = ()
    letters: tuple[Path, ...] = ()
    came_late: bool = False
    begotten: tuple[str, ...] = ()

    @property
    def refused(self) -> bool:
        return bool(self.reasons)


def take_in(
    act: Register,
    applicant: Applicant,
    officer: str,
    code: str = "",
) -> Case:
    """Register one application; raises ActRefused with the reasons.

    The same submission (`applicant.intake`) taken in twice is one application.
    """
    now = office.circumstances(officer)
    try:
        return signed(
            Signature(officer, code, act.kind),
            lambda session: register.register(session, act, applicant, now, office.now()),
            lambda session: _taken_in(session, applicant),
        )
    except Superseded:  # the same submission, at the same moment (PostgreSQL)
        with office.reading() as session:
            known = _taken_in(session, applicant)
        if known is None:
            raise
        return known


def _taken_in(session: Session, applicant: Applicant) -> Case | None:
    """The application that this submission became, if it is in the register already."""
    number = numbers_meant.taken_in(session, applicant.intake) if applicant.intake else None
    return register.case(session, number) if number else None


def perform(
    number: str,
    position: int,
    kind: str,
    answer: dict[str, object],
    officer: str,
    code: str = "",
    *,
    beside: bool = False,
) -> Recorded:
    """Perform the act an officer submitted for exactly this position of the case's history.

    A submission that comes twice finds the position taken and changes nothing; it needs no code
    then. What cannot be recorded, or is signed wrongly, is kept as a refusal, so that the same
    point is asked again with the reason on top.

    beside = not on the case's own form: whoever has that before him is asked nothing again
    """
    now, what = office.circumstances(officer), Signature(officer, code, kind, number)
    if REHEARSING.get():
        with office.reading() as session:
            if reasons := judged(session, register.case(session, number), kind, answer, officer):
                raise ActRefused(reasons)
        raise Rehearsed(what)
    try:
        with office.writing() as session:
            case = _locked(session, number)
            if case.position != position:
                return Recorded(case, came_late=True)
            if wrong := sign(session, what):
                if not beside:
                    _keep(session, case, kind, wrong, officer, answer)
                return Recorded(case, reasons=(wrong,))
            act = parsed(kind, answer)
            now, at = informed(session, case, now, act), office.now()
            event = register.record(session, case, act, now, at)
            issue(session, case, act, event, now)
            parts = register.beget(session, case, act, now, at)
            for part, last, begun in parts:
                issue(session, part, last, begun, now)
    except ActRefused as refusal:
        return _refused(position, tuple(refusal.reasons), what, None if beside else answer)
    except UNCOMPUTABLE as fault:  # a day was typed that no rule or calendar knows
        return _refused(position, (_beyond(fault),), what, None if beside else answer)
    except Superseded:
        with office.reading() as session:
            return Recorded(register.case(session, number), came_late=True)
    begotten = tuple(part.number for part, _, _ in parts)
    written = [path for each in begotten for path in write_letters(each)]
    place = None if kind == Undo.kind else position  # one that was voided stands again
    return Recorded(case, (), (*write_letters(number, place), *written), begotten=begotten)


def perform_now(number: str, kind: str, answer: Answer, by: By) -> Case:
    """Perform an act where the case stands, from a form beside the case's own; a run that is run
    again finds it done.

    Raises ActRefused with the reasons, NoSuchCase.
    """
    asked = parsed(kind, answer)
    with office.reading() as session:
        number = numbers_meant.number_meant(session, number) or number.strip()
        case = register.case(session, number)
    if case.steps[-1].act == asked:
        if REHEARSING.get():
            raise Rehearsed(Signature(*by, kind, number))
        return case
    done = perform(number, case.position, kind, answer, *by, beside=True)
    if done.refused or done.came_late:
        raise ActRefused(list(done.reasons) or [f"申请 {number} 刚由他人办理，请核对后重新提交"])
    return done.case


@dataclass(frozen=True)
class Asked:
    """One act of one case among several that are recorded together; place = where it stands in what
    was submitted.
    """

    number: str
    kind: str
    answer: Answer
    place: int = 0


def perform_all(asked: Sequence[Asked], by: By, form: str) -> list[Case]:
    """Perform acts that issue no letters, of as many cases, where each stands: all of them in one
    transaction, or none.

    form = by which name they are signed
    Raises ActRefused with the reasons of the first that cannot be recorded, NoSuchCase.
    """

    def do_all(session: Session) -> list[Case]:
        now, at, done = office.circumstances(by.officer), office.now(), list[Case]()
        for one in asked:
            case = _locked(session, one.number)
            try:
                register.record(session, case, parsed(one.kind, one.answer), now, at)
            except ActRefused as refusal:
                raise ActRefused([f"申请 {one.number}：{why}" for why in refusal.reasons]) from None
            done.append(case)
        return done

    return signed(Signature(*by, form), do_all, lambda _: None)


def look(number: str, position: int, kind: str, answer: dict[str, object], officer: str) -> None:
    """Keep an answer whose letters are to be read before it is given: the same point is asked again,
    filled in, the letters above it. What could not be recorded is refused as `perform` does; no
    code is spent, for nothing is done.
    """
    with office.writing() as session:
        case = _locked(session, number)
        if case.position != position:
            return
        words = "；".join(judged(session, case, kind, answer, officer))
        _keep(session, case, kind, words, officer, answer | {THEN: SEND})


def judged(
    session: Session, case: Case, kind: str, answer: dict[str, object], officer: str
) -> list[str]:
    """Every reason why an answer could not be recorded now, as `perform` would give them; nothing
    is done, and no code looked at.
    """
    now = office.circumstances(officer)
    try:
        act = parsed(kind, answer)
        reasons = act.refusals(case, informed(session, case, now, act))
    except ActRefused as refusal:
        reasons = list(refusal.reasons)
    except UNCOMPUTABLE as fault:
        reasons = [_beyond(fault)]
    return [*reasons, *register.officer_faults(now)]


def informed(
    session: Session, case: Case, now: Circumstances, act: Act | None = None
) -> Circumstances:
    """The same circumstances, knowing what the register tells for this act."""
    known = same_applicant.informed(session, case, now, act)
    return to_undo(session, case, known, signing.moment()) if isinstance(act, Undo) else known


def _beyond(fault: Exception) -> str:
    return f"所填的日期无从计算，请核对年份：{fault}"


def _keep(
    session: Session,
    case: Case,
    kind: str,
    words: str,
    officer: str,
    answer: dict[str, object],
) -> None:
    """Keep an answer that is not recorded, with what was typed: its point is asked again."""
    kept = refusals.refuse(session, case, kind, words, officer, office.now())
    refusals.keep_answer(
        session, kept, answer | {OFFICER: officer, DAY: office.today().isoformat()}
    )


_LOCKING = (
    select(Application.number).where(Application.number == bindparam("number")).with_for_update()
)


def _locked(session: Session, number: str) -> Case:
    """The case, its register row locked until the transaction ends (PostgreSQL)."""
    rows(session, _LOCKING, {"number": number}).first()
    return register.case(session, number)


def parsed(kind: str, answer: dict[str, object]) -> Act:
    """The answer as an act; ActRefused with a sentence for every field that is no such thing."""
    act = ACTS.get(kind)
    if act is None:
        raise ActRefused([f"没有名为“{kind}”的事项"])
    return filled(act, answer)


def filled(act: type[A], answer: dict[str, object]) -> A:
    """The answer as an act of that kind, in whichever register; ActRefused as `parsed`."""
    try:
        return act.model_validate(answer)
    except ValidationError as fault:
        raise ActRefused([_sentence(act, error) for error in fault.errors()]) from None


def _sentence(act: type[RegisterAct[Any]], error: object) -> str:
    """One of pydantic's findings as a sentence an officer understands."""
    assert isinstance(error, dict)
    name = str(error["loc"][0]) if error["loc"] else ""
    field_ = act.model_fields.get(name)
    title = field_.title if field_ else name
    limits = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"请填写“{title}”"
        case "string_unicode":
            return f"“{title}”含有不是文字的字符，请删除后再提交"
        case "extra_forbidden":
            return f"“{act.title}”没有“{name}”这一项"
        case "string_too_long":
            return f"“{title}”最多{limits['max_length']}个字"
        case "greater_than_equal":
            return f"“{title}”不得小于{limits['ge']}"
        case "less_than_equal":
            return f"“{title}”不得大于{limits['le']}"
        case kind if kind.startswith("date"):
            return f"“{title}”应为日期，如 2026-03-02"
        case kind if kind.startswith("int"):
            return f"“{title}”应为整数"
        case _:
            return f"“{title}”填写有误"


def _refused(
    position: int, reasons: tuple[str, ...], what: Signature, answer: dict[str, object] | None
) -> Recorded:
    """Keep the refusal, and spend the code: it was shown, and is good once. answer = what is kept with
    it; None = it is no refusal of the case's own form, and is not kept.
    """
    with office.writing() as session:
        case = _locked(session, what.case_number)
        if case.position != position:
            return Recorded(case, came_late=True)
        if answer is not None:
            _keep(session, case, what.form, told(reasons), what.officer, answer)
        sign(session, what)
    return Recorded(case, reasons=reasons)


def issue(session: Session, case: Case, act: Act, event: Event, now: Circumstances) -> None:
    """Number and word the letters an act issues, in the transaction that records the act."""
    for letter_kind in act.letters(case):
        _issue_one(session, case, letter_kind, event, act.letter_on(now.today), now)
    filed_letters.mark_voided(session, case)


def _issue_one(
    session: Session, case: Case, letter_kind: str, event: Event, dated: date, now: Circumstances
) -> None:
    if letter_kind == "reply":
        assert case.draft is not None
        kind, series = case.draft.outcome, "reply"
    else:
        kind, series = letter_kind, now.law.letters.on(letter_kind, dated).series

    def words(number: str) -> Letter:
        return letter_of(kind, case, number, dated, now.law, now.agency, now.borne)

    filed = number_and_file(session, event, (kind, series, dated), words, now)
    catalogue.issued(case, event, letter_kind, filed.number, dated)


def number_and_file(
    session: Session,
    event: Event | Entry,
    what: tuple[str, str, date],
    words: Callable[[str], Letter],
    now: Circumstances,
) -> Document:
    """Give a letter the next number of its series and file its words with the event.

    what = (kind, series, date of the letter); words = the letter under a number
    """
    kind, series, dated = what
    together = now.agency.counted_together(series)
    serial = register.allot(session, series, dated.year, *together)
    number = now.agency.document_number(series, dated.year, serial)
    place = (series, dated.year, serial)
    return filed_letters.file_letter(session, event, kind, place, number, words(number).to_json())


def write_letters(number: str, position: int | None = None) -> tuple[Path, ...]:
    """Write the .docx of a case's letters (of one act, or all); the same bytes each time.

    The file of a voided letter is marked 作废, so that nobody sends it.
    """
    with office.reading() as session:
        every = filed_letters.documents(session, number)
        found = [one for one in every if position in (None, one.position) or one.voided_on]
    written = [(document.position, _write(document)) for document in found]
    return tuple(path for place, path in written if position in (None, place))


def write_missing_letters(number: str) -> None:
    """Write the letters of a case whose files are not there, or not whole: a killed process had no
    time to write them, or the disk did not keep them.
    """
    with office.reading() as session:
        found = filed_letters.documents(session, number)
    for document in found:
        if _other_path(document).exists() or not files.is_still_whole(_path(document)):
            _write(document)


def damaged_letters() -> list[str]:
    """The letters whose file is there and not whole, as sentences; one that is not there at all is
    written when it is asked for.
    """
    return [f"文书 {one.number} 的文件不完整：{_path(one)}" for one in _damaged()]


def mended_letters() -> Iterator[str]:
    """Write every damaged letter's file again from the register, and say which: of what was written in
    the last ROUND days every morning, of what is older each file once in ROUND days.
    """
    for one in _damaged(office.today()):
        with office.reading() as session:
            number = select(Document).where(Document.number == one.number)
            document = session.exec(number).one()
        _write(document)
        yield f"文书 {one.number} 的文件不完整，已按登记簿重新写出"


ROUND = 30
"""Days in which every letter's file is read through once: ten years of them are too many each day."""


def _damaged(morning: date | None = None) -> list[Document]:
    """The letters whose file is there and not whole; of those alone whose turn it is that morning."""
    with office.reading() as session:
        wordless = defer(Document.letter, raiseload=True)  # type: ignore[arg-type]
        filed = session.exec(select(Document).options(wordless)).all()
    there = [one for one in filed if _path(one).exists()]
    turn = [one for one in there if morning is None or _its_turn(one, morning)]
    return [one for one in turn if not files.is_whole_package(_path(one))]


def _its_turn(document: Document, morning: date) -> bool:
    written = datetime.fromtimestamp(_path(document).stat().st_mtime, office.SHANGHAI).date()
    return (
        morning - written <= timedelta(ROUND)
        or (morning.toordinal() - document.serial) % ROUND == 0
    )


def _path(document: Document) -> Path:
    """Where a letter's file stands; a voided one is marked 作废, so that nobody sends it."""
    plain = office.home() / "letters" / document.case_number / f"{document.number}.docx"
    return _voided(plain) if document.voided_on else plain


def _other_path(document: Document) -> Path:
    """Where its file stood before it was voided, or while it was; nothing is to be there."""
    plain = _path(document).with_name(f"{document.number}.docx")
    return plain if document.voided_on else _voided(plain)


def _voided(plain: Path) -> Path:
    return plain.with_stem(f"{plain.stem}（作废）")


def _write(document: Document) -> Path:
    from flows.printing import sheets  # Word: who only asks what is there does not wait for it

    words = sheets.write(Letter.from_json(document.letter))
    # first: what is missing is written again, and this would stay
    _other_path(document).unlink(missing_ok=True)
    return files.written(_path(document), words, office.home())
