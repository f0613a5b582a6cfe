"""What is sent to Prefect holds no personal data in clear, however it is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flows.server.sealed_forms import Unsealable, sealed_body
from models.store.sealing import Sealing, new_key

SEALING = Sealing([new_key()])
SECRET = "证件甲310"
TOO = {"applicant": "张三", "number": 7}


def sealed(asked: Any, encoding: str = "utf-8", *, ascii_only: bool = False) -> str:
    """The body as Prefect gets it, unescaped, to be searched."""
    body = json.dumps(asked, ensure_ascii=ascii_only).encode(encoding)
    done = sealed_body(body, lambda: SEALING)
    return json.dumps(json.loads(done), ensure_ascii=False)


def opened(value: Any) -> Any:
    """The body with what was sealed opened again, as the flow does."""
    if isinstance(value, dict):
        return {name: opened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [opened(one) for one in value]
    return SEALING.open(value) if isinstance(value, str) else value


FORMS: dict[str, Any] = {
    "parameters of a run": {"parameters": TOO | {"identity": SECRET}},
    "defaults of a deployment": {"name": "登记申请", "parameters": {"contact": SECRET}},
    "a schedule's": {"schedules": [{"parameters": {"address": SECRET}}]},
    "an answer to a form": {"run_input": {"act": {"signed.one_time_code": SECRET}}},
    "a form to be validated": {"schema": {"type": "object"}, "values": {"identity": SECRET}},
    "many runs at once": [{"parameters": {"identity": SECRET}}, {"parameters": {}}],
    "an artifact's data": {"data": {"deep": [{"identity": SECRET}]}},
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_personal_field_is_sealed_wherever_it_stands(name: str, encoding: str) -> None:
    for ascii_only in (True, False):
        found = sealed(FORMS[name], encoding, ascii_only=ascii_only)
        assert SECRET not in found
        assert opened(json.loads(found)) == FORMS[name]


def test_a_name_written_in_escapes_is_the_same_name() -> None:
    body = ('{"parameters": {"\\u0069dentity": "%s"}}' % SECRET).encode()  # noqa: UP031
    done = json.loads(sealed_body(body, lambda: SEALING))
    assert SECRET not in str(done)


@pytest.mark.parametrize("value", [310101199001011234, 3.5, ["甲", "乙"], {"号码": "甲"}])
def test_what_is_no_text_is_sealed_as_text(value: Any) -> None:
    done = json.loads(sealed({"parameters": {"identity": value}}))
    assert json.loads(SEALING.open(done["parameters"]["identity"])) == value


def kind(of: str, **rest: Any) -> dict[str, Any]:
    return {"__prefect_kind": of, **rest}


@pytest.mark.parametrize(
    "asked",
    [
        {"parameters": {"identity": kind("json", value=json.dumps(SECRET))}},
        {"parameters": {"identity": kind("json", value=SECRET)}},
        {"parameters": {"identity": kind("none", value=SECRET)}},
        {"parameters": kind("json", value=json.dumps({"identity": SECRET} | TOO))},
        {"values": kind("json", value=json.dumps({"act": {"x.contact": SECRET}}))},
    ],
)
def test_a_field_written_as_json_in_the_form_is_sealed(asked: Any) -> None:
    for ascii_only in (True, False):
        assert SECRET not in sealed(asked, ascii_only=ascii_only)
        assert json.dumps(SECRET)[1:-1] not in sealed(asked, ascii_only=ascii_only)


@pytest.mark.parametrize(
    "asked",
    [
        {"parameters": {"identity": kind("jinja", template=SECRET)}},
        {"parameters": kind("jinja", template='{"identity": "x"}')},
        {"parameters": kind("json", value='{"identity": "x"')},
    ],
)
def test_what_cannot_be_sealed_beforehand_is_turned_away(asked: Any) -> None:
    with pytest.raises(Unsealable):
        sealed(asked)


@pytest.mark.parametrize(
    "asked",
    [
        {"parameters": TOO},
        {"parameters": {"identity": "", "contact": None}},
        {"parameters": {"agency_contact": "西土城路6号"}},
        {"parameters": {"identity": SEALING.seal(SECRET)}},
        {"schema": {"properties": {"identity": {"title": "身份证明号码", "type": "string"}}}},
        {"parameters": kind("workspace_variable", variable_name="identity")},
        kind("jinja", template="{{ x }}"),
    ],
)
def test_everything_else_passes_untouched(asked: Any) -> None:
    body = json.dumps(asked, indent=1).encode()
    assert sealed_body(body, lambda: SEALING) is body


@pytest.mark.parametrize("body", [b"", b"identity", b'{"identity": ', b"\xff\xfe identity"])
def test_what_is_no_json_is_left_to_prefect(body: bytes) -> None:
    assert sealed_body(body, lambda: SEALING) is body


def test_what_only_looks_sealed_is_sealed() -> None:
    done = json.loads(sealed({"parameters": {"identity": "sealed:310101"}}))
    assert SEALING.open(done["parameters"]["identity"]) == "sealed:310101"
