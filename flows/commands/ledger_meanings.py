"""What the words of a ledger mean: a kind of applicant, a channel, a row of table 三 (结果).

Codes and labels are known; other words by config/office/ledger.toml. What may mean several things is
asked, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from flows.commands.ledger_cells import NOTHING, Doubtful
from flows.commands.ledger_clauses import (
    OTHER_WAYS,
    alternatives,
    clauses,
    common,
    of_clause,
)
from flows.commands.ledger_result_words import (
    ASIDES,
    ELSEWHERE,
    LET_GO,
    MASKED,
    ORDINAL,
    ground_first,
    in_parts,
    ours,
)
from flows.commands.ledger_told import Told
from flows.commands.ledger_unsaid_kinds import UNDECIDED
from models.agency.ledger_words import LedgerWords, Meaning, each_of, plain
from models.case.stage import ApplicantKind
from models.law.citing import row_code
from models.law.statute import Statute
from models.report_tables.form import Form, form_nearest

KINDS: Final = frozenset(map(str, ApplicantKind))
NUMBERING: Final = re.compile(r"^\d{1,2}[-.、](?=\D)")
ORNAMENT = re.compile(r"\(区分.*?\)|\([一二三四五六七八九十]+\)|\d+[.、]|[\s\"'“”‘’:\-—/]")
"""What a label may be written without: the remark, numbering, blanks, quotation marks, dashes."""
ENDING: Final = re.compile(r"[。.,;;、!]+$")
MANY: Final = re.compile(r"(?<=.)[(]?[等共]?\d+[人名户][)]?$")
"""How many applied together, behind their kind: 公民3人."""
QUOTED: Final = re.compile("[“\"《【'‘](.+)[”\"》】'’]")
"""A result that stands between marks, as a whole."""
NUMBERED: Final = re.compile(
    r"(?:(?P<code>3\.[1-6](?:\.\d)?)|(?:三[、,.]?)?\((?P<group>[一二三四五六])\)\.?(?P<nth>\d)?)"
    r"[.、,:\-—]*(?P<rest>(?:[^\d.].*)?)"
)
"""A result that begins with its place in table 三."""
SENT_ON: Final = re.compile(
    r"[,;、](?:并|已|已经|请|建议|依法)*(?:告知|建议|请|可)(?:其|申请人)?(?:可以?)?向.{1,40}"
)
"""What a result may end with: whom the applicant was told to ask."""
BRACKETED: Final = re.compile(r"(?P<whole>[^()\[\]]+)[(\[](?P<part>[^()\[\]]+)[)\]]")
DASHED: Final = re.compile(
    r"(?P<whole>[^:\-—,、/]+)[:\-—,、/]+(?:(?:理由|原因|依据)[是为]?:?)?(?P<part>.+)"
)
"""A result that says its kind, and then its ground."""
SAYS_NOTHING: Final = re.compile(
    r"^(?:因|由于|经(?:检索|查询|核实|核查|审查|查找|查)|(?:书面|依法)?(?:告知|答复)(?:申请人|其)?|(?:所|其)?申请的?(?=信息|政府)"
    r"|(?:该|此)|系|属于?|涉及|依法|已经?(?=答复|告知))[,:、]?"
)
"""What a result may begin with, and which says nothing of it; what is left must be known."""

PIECES: Final = re.compile(r"[\d一二三四五六七八九十]件")
"""A result that counts several is asked about: one row is one application."""
LONGEST_READ: Final = 160
"""Characters of a result that is taken apart; a longer one is a text of its own, and asked about."""
MOST_KNOWN: Final = 4096


@dataclass
class Meanings:
    """What words mean in these forms, under this law, by these words; what is taken is told."""

    forms: tuple[Form, ...]
    law: Statute
    words: LedgerWords
    told: Told

    def kind(self, words: str, name: str = "") -> str:
        """The kind that a word says; of several, the one that the applicant's name says for certain."""
        if words in KINDS:
            return words
        meant = self.words.kind_of.get(plain(words))
        if meant is None and plain(words) in KINDS:
            return plain(words)
        if meant is None:
            bare = MANY.sub("", ENDING.sub("", NUMBERING.sub("", plain(words))))
            meant = self._kind_in_parts(bare)
        if meant is None:
            more = _to_add("kinds") if words else f"；{UNDECIDED}"
            said = f"应为{'、'.join(ApplicantKind)}之一{more}"
            raise Doubtful(f"申请人类别“{words}”" if words else "没有写申请人类别，", said)
        if not isinstance(meant, str) and (by_name := self.by_name(name)) in meant:
            self.told.tell(f"申请人类别“{words}”，名称说明是“{by_name}”的，按“{by_name}”")
            return by_name
        kind = _one("申请人类别", words, meant, {str(one): "" for one in ApplicantKind}, "kinds")
        self.told.tell(f"申请人类别“{words}”按“{kind}”")
        return kind

    def by_name(self, name: str) -> str:
        """The kind that a name says for certain (公司, 律师事务所: ledger.toml [names]); "" if none."""
        meant = self.words.kind_of_name(name)
        return meant if isinstance(meant, str) and meant in KINDS else ""

    def _kind_in_parts(self, words: str) -> Meaning | None:
        """What a kind means that says it twice, 公民（自然人）, or ever more closely: 法人-商业企业."""
        if words in KINDS:
            return words
        if words in self.words.kind_of:
            return self.words.kind_of[words]
        if parts := BRACKETED.fullmatch(words):
            return self._closer(*parts.groups())
        whole, mark, part = words.rpartition("-" if "-" in words else "/")
        return self._closer(whole, part) if mark else None

    def _closer(self, whole: str, part: str) -> Meaning | None:
        """What a kind means that is said again, more closely: both must allow it."""
        inner = self._kind_in_parts(part)
        outer = self._kind_in_parts(whole) if isinstance(inner, str) else None
        return inner if outer is not None and inner in each_of(outer) else None

    def channel(self, words: str) -> str:
        words = "" if words in NOTHING else words
        key = self._channels.get(plain(words))
        if key is not None:
            return key
        bare = ENDING.sub("", plain(words))
        meant = self.words.channel_of.get(bare) or self._channel_in_parts(bare)
        meant = meant or self.words.channel_like(bare) or None
        labels = {channel.label: "" for channel in self.law.channels.values()}
        if meant is None:
            said = f"应为{'、'.join(labels)}之一{_to_add('channels')}"
            raise Doubtful(f"提交方式“{words}”", said)
        label = _one("提交方式", words, meant, labels, "channels")
        self.told.tell(f"提交方式“{words}”按“{label}”")
        return self._channels[plain(label)]

    def _channel_in_parts(self, words: str) -> Meaning | None:
        """What a channel means that is said twice, 当面提交（窗口）: where both parts say the same."""
        for split in (BRACKETED, DASHED):
            if parts := split.fullmatch(words):
                outer, inner = map(self._channel_known, parts.group("whole", "part"))
                both = [one for one in inner if one in outer]
                return both[0] if len(both) == 1 else None
        return None

    def _channel_known(self, words: str) -> tuple[str, ...]:
        """The channels, by label, that a word means."""
        key = self._channels.get(words)
        if key is not None:
            return (self.law.channels[key].label,)
        return each_of(self.words.channel_of.get(words, ""))

    @cached_property
    def _channels(self) -> dict[str, str]:
        """Every way to write a channel that channels.toml knows, and its key."""
        return {
            plain(words): key
            for key, channel in self.law.channels.items()
            for words in (key, channel.label, *channel.aliases)
        }

    # ── the result ────────────────────────────────────────────────────────────────────────────

    def form(self, closed_on: date) -> Form:
        """The form whose rows a result is one of."""
        return form_nearest(self.forms, closed_on.year)

    def row(self, words: str, closed_on: date, *reasons: str) -> str:
        """The row of table 三 that a ledger's result means: its code, its label as written, or what
        ledger.toml says; where that may be several, by the reason that stands in its own column, or in
        the remark.
        """
        try:
            return self._row_in_lines(words, closed_on)
        except Doubtful:
            for reason in reasons:
                if not reason or reason in NOTHING:
                    continue
                with suppress(Doubtful):  # of the result it is to be said, not of its reason
                    return self._row(f"{words}：{reason}", closed_on)
            raise

    def certainly(self, words: str, closed_on: date) -> str:
        """The one row that words mean by themselves; "" if they mean none, or several."""
        form = self.form(closed_on)
        meant = self._labels(form).get(plain_label(words)) or self._said(plain(words), form)
        return meant if isinstance(meant, str) and meant in form.row_of else ""

    def _row_in_lines(self, words: str, closed_on: date) -> str:
        """The row, also of a result whose pieces stand in lines of the cell, or with blanks between."""
        try:
            return self._row(words, closed_on)
        except Doubtful:
            if len(pieces := words.split()) < 2:
                raise
            with suppress(Doubtful):
                return self._row("，".join(pieces), closed_on)
            raise

    def _row(self, words: str, closed_on: date) -> str:
        form = self.form(closed_on)
        if (known := row_code(words)) in form.row_of:
            return known
        if code := self._labels(form).get(plain_label(words)):
            return code
        codes = self._said(plain(words), form)
        if not codes:
            said = f"；应为行次（如 三（四）1）或该行的名称{_to_add('results')}"
            raise Doubtful(f"办理结果“{words}”不是表三的行", said)
        labels = self._called(form)
        code = _one("办理结果", words, codes, labels, "results")
        self.told.tell(f"办理结果“{words}”按“{labels[code]}”")
        return code

    def _said(self, words: str, form: Form) -> Meaning:
        """The rows that a result means, as `_read` finds them; each is taken apart once."""
        if len(words) > LONGEST_READ:
            return ""
        known, key = self._known, (form.key, words)
        if key not in known:
            if len(known) > MOST_KNOWN:
                known.clear()
            known[key] = ""  # while it is looked for: no word is known by itself
            known[key] = self._read(words, form)
        return known.get(key, "")

    @cached_property
    def _known(self) -> dict[tuple[str, str], Meaning]:
        return {}

    def _read(self, words: str, form: Form) -> Meaning:
        """The rows that a result in several words means: 不予公开（商业秘密）, 3.4.1 信息不存在, （四）1,
        经检索不存在; "" if none, or if its parts say different things.
        """
        words = ENDING.sub("", QUOTED.sub(r"\1", words))
        if len(PIECES.findall(words)) > 1:  # several applications, or one
            return ""
        if meant := self.words.result_of.get(words):
            return _in_form(form, meant)
        if (sent_on := SENT_ON.search(words)) and sent_on.end() == len(words):
            return self._said(words[: sent_on.start()], form)
        if code := self._labels(form).get(plain_label(words)):
            return code
        if numbered := NUMBERED.fullmatch(words):
            code, rest = _code(numbered, form), ENDING.sub("", numbered["rest"])
            return code if not rest or code in each_of(self._said(rest, form)) else ""
        if left_open := alternatives(words, lambda one: self._said(one, form)):
            return left_open
        return (
            self._narrowed_in(words, form)
            or self._without(words, form)
            or self._in_clauses(words, form)
        )

    def _in_clauses(self, words: str, form: Form) -> Meaning:
        """What a result means that is a sentence: what all its clauses allow, or in part what each says."""

        def said(one: str) -> Meaning:
            return self._said(one, form) if one != words else ""

        parts = clauses(ours(words))
        meant = [of_clause(one, said) for one in parts]
        if not meant or not all(meant):
            return ""
        return common(meant) or _in_form(form, in_parts("，".join(parts), said))

    def _narrowed_in(self, words: str, form: Form) -> Meaning:
        """What a result means that says a kind and a ground, or is in several pieces."""
        split = next((one for each in (BRACKETED, DASHED) if (one := each.fullmatch(words))), None)
        named = (split["whole"], split["part"]) if split else None
        for parted in filter(None, (named, ground_first(words))):
            if found := self._narrowed(*parted, form):
                return found
        return _in_form(form, in_parts(words, lambda one: self._said(one, form)))

    def _without(self, words: str, form: Form) -> Meaning:
        """What a result means without that by which it says nothing of itself."""
        if (told := ELSEWHERE.fullmatch(words)) and not OTHER_WAYS.search(told["whom"]):
            return self._said("告知向其他机关申请", form)
        for bare in (
            ours(words),
            MASKED.sub(r"\1", words),
            LET_GO.sub(r"\g<what>", words),
            *(each.sub("", words) for each in (ASIDES, ORDINAL, SAYS_NOTHING)),
        ):
            if bare not in ("", words) and (found := self._said(bare, form)):
                return found
        return ""

    def _narrowed(self, whole: str, part: str, form: Form) -> Meaning:
        """What a result means that says first the kind and then the ground, if they agree."""
        ground = each_of(self._said(part, form))
        of = {
            code for code, row in form.rows.items() if plain_label(row.group) == plain_label(whole)
        }
        found = [code for code in ground if code in of | set(each_of(self._said(whole, form)))]
        return found[0] if len(found) == 1 else tuple(found)

    def _labels(self, form: Form) -> dict[str, str]:
        found = self._by_form.get(form.key)
        if found is None:
            found = self._by_form[form.key] = codes(form)
        return found

    def _called(self, form: Form) -> dict[str, str]:
        """What the rows of a form are called, by code."""
        found = self._names.get(form.key)
        if found is None:
            found = self._names[form.key] = {
                code: form.rows[form.row_of[code]].called for code in form.row_of
            }
        return found

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        return {}

    @cached_property
    def _by_form(self) -> dict[str, dict[str, str]]:
        return {}


def _to_add(table: str) -> str:
    return f"；常用的写法，在 config/office/ledger.toml 的 [{table}] 补一行即可"


def _in_form(form: Form, meant: Meaning) -> Meaning:
    """The rows that a word means, as the form of the year has them: 3.6.1 is 3.6 where that is all."""
    known = [code if code in form.row_of else code.rpartition(".")[0] for code in each_of(meant)]
    kept = tuple(dict.fromkeys(form.row_of[code] for code in known if code in form.row_of))
    return (kept[0] if len(kept) == 1 else kept) or meant


def _code(numbered: re.Match[str], form: Form) -> str:
    """The row that a numbering names: 3.4.1, （四）1; "" if there is none."""
    code = numbered["code"] or f"3.{'一二三四五六'.index(numbered['group']) + 1}"
    code += f".{numbered['nth']}" if numbered["nth"] else ""
    return form.row_of.get(code, "")


def _one(name: str, words: str, meant: Meaning, known: Mapping[str, str], table: str) -> str:
    """What a word means, if it means but one thing that there is."""
    if isinstance(meant, str) and meant in known:
        return meant
    several = [one for one in each_of(meant) if one in known]
    if not several:
        raise Doubtful(f"ledger.toml [{table}] 中“{words}”的意思（{meant}）不存在，请改正")
    listed = "、".join(known[one] or one for one in several)
    raise Doubtful(
        f"{name}“{words}”",
        f"可能是{listed}；请逐行填写，或者在 config/office/ledger.toml 的 [{table}] 写明是哪一种",
    )


def codes(form: Form) -> dict[str, str]:
    """The results of a form by label, with and without the label of their group."""
    results = [form.rows[code] for code in form.result_codes]
    return {plain_label(words): r.code for r in results for words in (r.label, r.group + r.label)}


def plain_label(label: str) -> str:
    """A label without its ornaments, in half-width characters where there are any."""
    return ORNAMENT.sub("", plain(label))
