"""A message counts as sent when the service itself says so: real servers on loopback."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from histories import CONFIG
from receivers import Mailbox, Receiver, dripping, mail_server, receiver

from flows.installation import settings
from flows.morning import senders
from flows.morning.senders import BYTES, Message, fitted, send
from models.agency.sending_rules import Outbox, Sending, load_sending
from tests.ports import free_port

OURS = load_sending(CONFIG / "office")
MESSAGE = Message(
    "2026-03-25/0/陈静", "陈静", date(2026, 3, 25), "提醒：1项", "1. 𠮷某　还剩3个工作日"
)
BOTS = {
    "wecom": ({"errcode": 0, "errmsg": "ok"}, {"errcode": 93000, "errmsg": "invalid webhook url"}),
    "dingtalk": ({"errcode": 0, "errmsg": "ok"}, {"errcode": 310000, "errmsg": "sign not match"}),
    "feishu": ({"code": 0, "msg": "success"}, {"code": 19021, "msg": "sign match fail"}),
    "webhook": ({"ok": True}, {"errcode": 1, "errmsg": "full"}),
}


@pytest.fixture
def service() -> Iterator[Receiver]:
    with receiver() as running:
        yield running


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with mail_server() as running:
        yield running


def sending(timeout: int = 10, **smtp: Any) -> Sending:
    outbox = OURS.outbox.model_copy(update={"timeout_seconds": timeout})
    changed = OURS.smtp.model_copy(update=smtp)
    return OURS.model_copy(update={"outbox": outbox, "smtp": changed})


def mailing(port: int, timeout: int = 10, **smtp: Any) -> Sending:
    ours = {"host": "127.0.0.1", "port": port, "security": "none", "sender": "office@example.cn"}
    return sending(timeout, **(ours | smtp))


@pytest.mark.parametrize("channel", BOTS)
def test_only_the_services_own_code_counts(channel: str, service: Receiver) -> None:
    service.body, refusal = BOTS[channel]
    assert send(channel, service.url, MESSAGE, sending()).accepted
    service.body = refusal
    answer = send(channel, service.url, MESSAGE, sending())
    assert not answer.accepted
    assert answer.words.startswith("HTTP 200 {")
    assert str(next(iter(refusal.values()))) in answer.words
    assert len(service.got) == 2


@pytest.mark.parametrize("channel", BOTS)
@pytest.mark.parametrize(
    ("status", "body", "words"),
    [(500, {"errcode": 0, "code": 0}, "HTTP 500"), (302, {"errcode": 0, "code": 0}, "HTTP 302")],
)
def test_another_status_is_no_success(
    channel: str, status: int, body: object, words: str, service: Receiver
) -> None:
    service.status, service.body = status, body
    answer = send(channel, service.url, MESSAGE, sending())
    assert not answer.accepted
    assert answer.words.startswith(words)


@pytest.mark.parametrize("channel", BOTS)
def test_an_error_page_that_quotes_the_address_does_not_tell_its_key(
    channel: str, service: Receiver
) -> None:
    service.status, service.body = 404, "Cannot POST /robot/4f2a-87?key=geheim"
    address = service.url.replace("/hook?", "/robot/4f2a-87?")
    answer = send(channel, address, MESSAGE, sending())
    assert answer.words == "HTTP 404 Cannot POST /robot/…?key=…"


@pytest.mark.parametrize("channel", ["wecom", "dingtalk", "feishu"])
@pytest.mark.parametrize("body", ["<html>登录</html>", "[]", "{}", '{"errcode": "0", "code": "0"}'])
def test_a_page_that_is_no_answer_of_the_bot_is_no_success(
    channel: str, body: str, service: Receiver
) -> None:
    service.body = body
    assert not send(channel, service.url, MESSAGE, sending()).accepted


@pytest.mark.parametrize(
    "body",
    [
        "",
        "  ok\n",
        "SUCCESS",
        {},
        {"code": 200, "msg": "success"},
        {"code": "0", "data": {"code": 7}},
        {"errcode": 0, "errno": "200", "ret": "ok", "status": True},
        {"ok": True, "success": "true", "error": None},
        {"error": "", "error_code": 0},
        {"error": False, "errorCode": 0},
        {"id": 7, "message": "失败"},  # no verdict
    ],
)
def test_a_webhook_takes_the_message_where_it_says_so(body: object, service: Receiver) -> None:
    service.body = body
    for status in (200, 202):
        service.status = status
        assert send("webhook", service.url, MESSAGE, sending()).accepted
    service.status = 400
    assert not send("webhook", service.url, MESSAGE, sending()).accepted


@pytest.mark.parametrize(
    "body",
    [
        "<html>登录</html>",
        "ok, not",
        "0",
        '"ok"',
        "[]",
        '[{"code": 0}]',
        "null",
        {"code": 500},
        {"code": 1},
        {"code": None},
        {"code": "0x0"},
        {"status": False},
        {"status": "error", "code": 0},
        {"Code": 40035},
        {"errCode": 1},
        {"error_code": 110},
        {"errno": 1},
        {"ret": -1},
        {"ok": False},
        {"ok": 0},
        {"success": False, "code": 0},
        {"success": None},
        {"error": "invalid token"},
        {"error": True},
        {"error": {"code": 1}},
    ],
)
def test_a_webhook_that_says_anything_else_did_not_take_it(body: object, service: Receiver) -> None:
    service.body = body
    assert not send("webhook", service.url, MESSAGE, sending()).accepted


@pytest.mark.parametrize("channel", BOTS)
def test_nobody_there_and_silence_are_answers_too(channel: str, service: Receiver) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/hook?key=geheim"
    refused = send(channel, nobody, MESSAGE, sending())
    assert (refused.accepted, refused.words) == (False, "无法连接：ConnectError")
    service.silence, service.body = 1.2, BOTS[channel][0]
    silent = send(channel, service.url, MESSAGE, sending(timeout=1))
    assert (silent.accepted, silent.words) == (False, "1秒内没有回应")
    assert send(channel, "kein/地址", MESSAGE, sending()).accepted is False


def test_what_each_service_is_told(service: Receiver) -> None:
    text = f"{MESSAGE.title}\n{MESSAGE.body}"
    for channel in BOTS:
        send(channel, service.url, MESSAGE, sending())
    wecom, dingtalk, feishu, webhook = service.got
    assert wecom == dingtalk == {"msgtype": "text", "text": {"content": text}}
    assert feishu == {"msg_type": "text", "content": {"text": text}}
    assert webhook == {
        "key": MESSAGE.key,
        "person": "陈静",
        "on": "2026-03-25",
        "title": MESSAGE.title,
        "body": MESSAGE.body,
    }


def test_signed_bots_are_sent_the_signature_and_never_the_secret(service: Receiver) -> None:
    secret = "SEC123"
    for channel in ("dingtalk", "feishu"):
        send(channel, f"{service.url}#{secret}", MESSAGE, sending())
    asked = parse_qs(urlsplit(service.paths[0]).query)
    words = f"{asked['timestamp'][0]}\n{secret}"
    signed = hmac.new(secret.encode(), words.encode(), hashlib.sha256).digest()
    assert asked["sign"] == [base64.b64encode(signed).decode()]
    words = f"{service.got[1]['timestamp']}\n{secret}"
    signed = hmac.new(words.encode(), b"", hashlib.sha256).digest()
    assert service.got[1]["sign"] == base64.b64encode(signed).decode()
    assert secret not in str(service.paths) + str(service.got)


def test_too_much_for_a_bot_leaves_out_the_least_urgent_and_says_how_much() -> None:
    body = "\n".join(f"{n}. {'期' * 30}" for n in range(1, 101))
    text = fitted(Message("k", "陈静", date(2026, 3, 25), "题", body), BYTES["wecom"])
    kept = text.splitlines()
    assert len(text.encode()) <= 2048
    assert kept[1].startswith("1. ")
    assert kept[-1] == f"……另有{101 - len(kept) + 1}行，请登录办理系统查看“alerts”"
    assert (
        len(fitted(Message("k", "陈", date(2026, 3, 25), "长" * 2000, ""), 2048).encode()) <= 2048
    )


def test_mail_is_taken_by_a_real_server(mailbox: Mailbox) -> None:
    ours = mailing(mailbox.port)
    assert send("email", "chenjing@example.cn", MESSAGE, ours).accepted
    assert send("email", "chenjing@example.cn", MESSAGE, ours).accepted
    mail, again = mailbox.mails
    assert mail["Subject"] == "提醒：1项"
    assert mail["To"] == "chenjing@example.cn"
    assert mail.get_content().strip() == MESSAGE.body
    assert mail["Message-ID"] == again["Message-ID"]  # sent again, it is the same mail


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("550 no such user", "收件人被拒绝：550 no such user"),
        ("451 try later", "收件人被拒绝：451 try later"),
    ],
)
def test_a_refused_recipient_is_no_success(said: str, words: str, mailbox: Mailbox) -> None:
    mailbox.answer = said
    answer = send("email", "chenjing@example.cn", MESSAGE, mailing(mailbox.port))
    assert (answer.accepted, answer.words) == (False, words)
    assert mailbox.mails == []


def test_mail_that_one_of_several_is_refused_is_not_wholly_sent(mailbox: Mailbox) -> None:
    mailbox.unknown = ("left@example.cn",)
    several = "chenjing@example.cn, 李明 <left@example.cn>"
    answer = send("email", several, MESSAGE, mailing(mailbox.port))
    words = "第2个收件人被拒绝，其余已接收：550 no such user"
    assert (answer.accepted, answer.words) == (False, words)
    assert len(mailbox.mails) == 1
    mailbox.unknown = ()
    assert send("email", several, MESSAGE, mailing(mailbox.port)).accepted


def test_no_mail_server_silence_and_a_login_that_cannot_be(
    mailbox: Mailbox, service: Receiver
) -> None:
    nobody = send("email", "a@example.cn", MESSAGE, mailing(free_port()))
    assert (nobody.accepted, nobody.words) == (False, "无法连接：ConnectionRefusedError")
    port = urlsplit(service.url).port
    assert port is not None
    silent = send("email", "a@example.cn", MESSAGE, mailing(port, timeout=1))  # HTTP waits for us
    assert (silent.accepted, silent.words) == (False, "1秒内没有回应")
    login = send("email", "a@example.cn", MESSAGE, mailing(mailbox.port, user="office"))
    assert not login.accepted
    plain = send("email", "a@example.cn", MESSAGE, mailing(mailbox.port, security="starttls"))
    assert not plain.accepted
    assert mailbox.mails == []


def test_a_password_that_cannot_be_sent_is_an_answer_and_in_no_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(settings.SMTP_PASSWORD.name, "口令abc")
    with mail_server(auth_require_tls=False, authenticator=lambda *_: None) as mailbox:
        ours = mailing(mailbox.port, user="office")
        answer = send("email", "a@example.cn", MESSAGE, ours)
    assert not answer.accepted
    assert answer.words == "发送出错（UnicodeEncodeError），请核对地址和口令，详见日志"
    assert "smtplib.py" in caplog.text  # where it went wrong
    for secret in ("口令", "\\u53e3", "abc"):
        assert secret not in caplog.text


@pytest.mark.parametrize("host", ["smtp..example.cn", "邮" * 70 + ".cn"])
def test_a_mail_server_that_cannot_be_is_an_answer(host: str) -> None:
    answer = send("email", "a@example.cn", MESSAGE, mailing(25, host=host))
    assert (answer.accepted, answer.words[:4]) == (False, "发送出错")


@pytest.mark.parametrize("channel", BOTS)
def test_an_error_that_nobody_foresaw_is_an_answer_and_its_address_in_no_log(
    channel: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(url: str, **_: object) -> None:
        raise ValueError(url)

    monkeypatch.setattr(senders.httpx, "post", broken)
    address = "http://127.0.0.1/hook?key=geheim#SEC123"
    answer = send(channel, address, MESSAGE, sending())
    assert answer == senders.Answer(False, "发送出错（ValueError），请核对地址和口令，详见日志")
    assert "in broken" in caplog.text
    assert "geheim" not in caplog.text
    assert "SEC123" not in caplog.text


@pytest.mark.parametrize(
    ("channel", "beginning"),
    [*((bot, b"HTTP/1.1 200 OK\r\nX: ") for bot in BOTS), ("email", b"220-")],
)
def test_a_service_that_speaks_and_never_ends_holds_nothing_up(
    channel: str, beginning: bytes
) -> None:
    with dripping(beginning) as port:
        address = f"http://127.0.0.1:{port}/" if channel in BOTS else "a@example.cn"
        began = time.monotonic()
        answer = send(channel, address, MESSAGE, mailing(port, timeout=1))
        assert answer == senders.Answer(False, "3秒内没有发送完")
        assert time.monotonic() - began < 20  # it drips for a minute


def test_the_whole_of_a_message_ends_before_its_lease() -> None:
    longest = OURS.outbox.model_dump() | {"timeout_seconds": 60, "lease_minutes": 5}
    outbox = Outbox.model_validate(longest)
    assert outbox.whole_seconds < outbox.lease_minutes * 60 / 1.5
