"""Days of which the calendar knows nothing: refused in an answer with a reason, never raised."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import get_args

import pytest
from histories import CONFIG, LAW, History, standing, usual_officer

from models.acts.catalogue import ACTS
from models.agency.sending_rules import load_sending
from models.case.act import Act
from models.case.stage import Stage
from models.duties import projection

DAY = timedelta(days=1)
END = LAW.calendar.last_day
ODD = (
    *(date.min, date(1900, 1, 1), date(2017, 12, 30), date(2018, 1, 1), date(2019, 1, 1)),
    *(END, date(2028, 12, 31), date(2029, 1, 1), date(2030, 1, 1), date(2206, 3, 5), date.max),
)


def dates(act: type[Act]) -> list[str]:
    fields = act.model_fields.items()
    return [name for name, one in fields if date in (one.annotation, *get_args(one.annotation))]


@pytest.mark.parametrize("day", ODD, ids=str)
@pytest.mark.parametrize("stage", [stage for stage in Stage if stage is not Stage.CONFIRMING])
def test_whatever_day_an_act_names_it_is_recorded_or_refused(stage: Stage, day: date) -> None:
    for kind, act in ACTS.items():
        for name in dates(act):
            for overdue in (False, True):
                history = standing(stage)
                history.today = date(2026, 6, 1) if overdue else history.today
                answer = history.answer(kind) | {name: day}
                if history.refusals(kind, usual_officer(act, stage), **answer):
                    continue
                history.usual(kind, **answer)
                projection.of(history.case, LAW)


@pytest.mark.parametrize("day", ODD, ids=str)
def test_whatever_day_an_application_arrived_it_is_taken_in_or_refused(day: date) -> None:
    history = History()
    answer = history.answer("registered") | {"arrived_on": day}
    fresh = ACTS["registered"].model_validate(answer)
    reasons = fresh.faults(history.case, history.now())
    assert bool(reasons) == (not date(2019, 5, 15) <= day <= history.today)  # 条例施行之日起


def test_a_day_after_the_data_is_refused_with_its_name() -> None:
    history = standing(Stage.DRAFTING)
    history.today = date(2026, 6, 1)  # overdue: no limit bounds the day any more
    answer = {"asked_on": history.today, "supply_by": date(2206, 3, 5)}
    assert history.refusals("records_asked", **(history.answer("records_asked") | answer)) == [
        "“最迟何日提供”（2206-03-05）超出已有的法定节日数据（至2028-12-29），请核对"
    ]


@pytest.mark.parametrize("day", [date(2028, 12, 31), date(2030, 1, 2), date.max], ids=str)
def test_no_reply_is_put_off_to_a_day_that_cannot_be_told(day: date) -> None:
    history = (
        standing(Stage.DRAFTING).usual("reasons_asked").usual("reasons_given", reasonable="yes")
    )
    (reason,) = history.refusals("deferred", **(history.answer("deferred") | {"reply_by": day}))
    assert reason.startswith(f"“延迟至何日答复”（{day}）超出已有的法定节日数据")
    (reason,) = history.refusals("deferred", **(history.answer("deferred") | {"reply_by": END}))
    assert "不是合理期限" in reason  # it can be told, and is too long (config/practice.toml)
    history.usual("deferred", reply_by=date(2026, 6, 26))
    assert projection.of(history.case, LAW)["last_day"] == date(2026, 6, 26)


def test_where_no_festivals_are_known_messages_go_out_on_weekdays() -> None:
    sending = load_sending(CONFIG / "office")
    ten = [datetime.combine(END + n * DAY, time(10)) for n in range(10)]
    assert date(2028, 12, 29) == END
    open_on = [one.day for one in ten if sending.open_at(one, LAW.calendar)]
    assert open_on == [29, 1, 2, 3, 4, 5]
    assert not sending.open_at(datetime.combine(date(2029, 1, 2), time(23)), LAW.calendar)
