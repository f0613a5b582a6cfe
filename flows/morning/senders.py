"""How one message is sent: mail, a JSON webhook, the bots of WeCom, DingTalk and Feishu.

Sent means that the service itself said so. The bots answer HTTP 200 also where they refuse (bad
key, keyword, wrong signature, too often): only their own code counts. What they are told stands in
their documentation:
WeCom    https://developer.work.weixin.qq.com/document/path/91770 (text: at most 2048 bytes)
DingTalk https://open.dingtalk.com/document/robots/custom-robot-access (20,000 bytes)
Feishu   https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot (20 KB)
The secret of a signed bot (加签) stands behind a # at the end of its address; it is not sent.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import logging
import smtplib
import ssl
import time
import traceback
from collections.abc import Callable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from email.utils import formatdate, getaddresses
from queue import Empty, Queue
from threading import Thread
from typing import Any
from urllib.parse import quote_plus

import httpx

from flows.installation import settings
from models.agency.sending_rules import CHANNELS, Sending, Smtp

logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and they hold keys

log = logging.getLogger("disclosure.alerts")

BYTES = {"wecom": 2048, "dingtalk": 20_000, "feishu": 18_000}
KEY = 6  # characters that a key has at least
SHOWN = 200  # characters kept of a service's answer


@dataclass(frozen=True)
class Message:
    """One digest as it is sent; the same key means the same message, sent again."""

    key: str
    person: str
    on: date
    title: str
    body: str


@dataclass(frozen=True)
class Answer:
    """What the service said: whether it took the message, and its words."""

    accepted: bool
    words: str


def send(channel: str, address: str, message: Message, sending: Sending) -> Answer:
    """Send one message on one channel; whatever goes wrong on the way is the answer.

    In a thread that is not waited for longer than the whole may take: the limit on each silence
    does not end a service that says a byte now and then.
    """
    answers: Queue[Answer] = Queue()

    def work() -> None:
        answers.put(_answer(channel, address, message, sending))

    # In our context: what it logs stands in the log of our run.
    Thread(target=copy_context().run, args=(work,), name="sending", daemon=True).start()
    most = sending.outbox.whole_seconds
    try:
        return answers.get(timeout=most)
    except Empty:
        return Answer(False, f"{most}秒内没有发送完")


def _answer(channel: str, address: str, message: Message, sending: Sending) -> Answer:
    try:
        return _sent(channel, address, message, sending)
    except Exception as fault:  # noqa: BLE001 what nobody foresaw must not hold up the others
        # Where, and not what it says: an error's text may quote the password or the address.
        where = "".join(traceback.format_tb(fault.__traceback__))
        log.error("%s发送出错：%s\n%s", CHANNELS[channel], type(fault).__name__, where)  # noqa: TRY400
        return Answer(False, f"发送出错（{type(fault).__name__}），请核对地址和口令，详见日志")


def _sent(channel: str, address: str, message: Message, sending: Sending) -> Answer:
    timeout = sending.outbox.timeout_seconds
    if channel == "email":
        return _mail(address, message, sending.smtp, timeout)
    url, _, secret = address.partition("#")
    try:
        return BY_HTTP[channel](url, secret, message, timeout)
    except httpx.TimeoutException:
        return Answer(False, f"{timeout}秒内没有回应")
    except (httpx.HTTPError, httpx.InvalidURL) as fault:
        return Answer(False, f"无法连接：{type(fault).__name__}")


def _mail(address: str, message: Message, smtp: Smtp, timeout: int) -> Answer:
    mail = EmailMessage()
    mail["Subject"] = message.title
    mail["From"], mail["To"] = smtp.sender, address
    mail["Date"] = formatdate(localtime=True)
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    mail["Message-ID"] = f"<{digest}@{smtp.sender.rpartition('@')[2]}>"
    mail.set_content(message.body)
    try:
        server = _connected(smtp, timeout)
        try:
            if smtp.user:
                server.login(smtp.user, settings.SMTP_PASSWORD.value())
            refused = server.send_message(mail)
        finally:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                server.quit()  # what was accepted stays so, however the parting goes
    except smtplib.SMTPResponseException as fault:
        words = fault.smtp_error
        said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        return Answer(False, f"{fault.smtp_code} {said}"[:SHOWN])
    except smtplib.SMTPRecipientsRefused as fault:
        return Answer(False, f"收件人被拒绝：{_refusals(fault.recipients)}"[:SHOWN])
    except (smtplib.SMTPException, OSError) as fault:
        silent = isinstance(fault, TimeoutError) or "timed out" in str(fault)
        return Answer(
            False, f"{timeout}秒内没有回应" if silent else f"无法连接：{type(fault).__name__}"
        )
    if refused:
        asked = [one for _, one in getaddresses([address])]
        which = "、".join(f"第{n}个" for n, one in enumerate(asked, 1) if one in refused)
        return Answer(False, f"{which}收件人被拒绝，其余已接收：{_refusals(refused)}"[:SHOWN])
    return Answer(True, "邮件服务器已接收")


def _refusals(refused: Mapping[str, tuple[int, bytes]]) -> str:
    return "；".join(f"{code} {why.decode(errors='replace')}" for code, why in refused.values())


def _connected(smtp: Smtp, timeout: int) -> smtplib.SMTP:
    if smtp.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(smtp.host, smtp.port, timeout=timeout, context=context)
    server = smtplib.SMTP(smtp.host, smtp.port, timeout=timeout)
    if smtp.security == "starttls":
        server.starttls(context=ssl.create_default_context())
    return server


def _wecom(url: str, _: str, message: Message, timeout: int) -> Answer:
    text = {"content": fitted(message, BYTES["wecom"])}
    return _bot(url, {"msgtype": "text", "text": text}, timeout, "errcode")


def _dingtalk(url: str, secret: str, message: Message, timeout: int) -> Answer:
    if secret:
        stamp = str(round(time.time() * 1000))
        signed = _signature(secret, f"{stamp}\n{secret}")
        url = f"{url}&timestamp={stamp}&sign={quote_plus(signed)}"
    text = {"content": fitted(message, BYTES["dingtalk"])}
    return _bot(url, {"msgtype": "text", "text": text}, timeout, "errcode")


def _feishu(url: str, secret: str, message: Message, timeout: int) -> Answer:
    body: dict[str, Any] = {
        "msg_type": "text",
        "content": {"text": fitted(message, BYTES["feishu"])},
    }
    if secret:
        stamp = str(int(time.time()))
        body |= {"timestamp": stamp, "sign": _signature(f"{stamp}\n{secret}", "")}
    return _bot(url, body, timeout, "code")


def _webhook(url: str, _: str, message: Message, timeout: int) -> Answer:
    """A receiver of our own kind: HTTP 2xx, and an answer that says yes."""
    body = {
        "key": message.key,
        "person": message.person,
        "on": message.on.isoformat(),
        "title": message.title,
        "body": message.body,
    }
    answer = httpx.post(
        url, json=body, timeout=timeout, headers={"Idempotency-Key": quote_plus(message.key)}
    )
    return _answered(answer, answer.is_success and says_yes(answer.text))


CODES = ("code", "errcode", "errorcode", "errno", "ret", "status")
YES = ("ok", "success")


def says_yes(words: str) -> bool:
    """Whether a webhook's answer takes the message: empty, plain ok or success, or a JSON object in
    which whatever gives a verdict says good. A page or anything else says nothing.
    """
    words = words.strip()
    if not words or words.casefold() in YES:
        return True
    try:
        said = json.loads(words)
    except json.JSONDecodeError:
        return False
    return isinstance(said, dict) and all(
        _good(name.casefold().replace("_", ""), value) for name, value in said.items()
    )


def _good(name: str, value: object) -> bool:
    """Whether a field of an answer, if it is one of a verdict, says good (True is no 1)."""
    word = value.casefold() if isinstance(value, str) else value
    if name in CODES:
        return word is True or (word is not False and word in (0, 200, "0", "200", *YES))
    if name in YES:
        return word is True or word in ("true", *YES)
    return name != "error" or not value or word in ("0", *YES)


BY_HTTP: dict[str, Callable[[str, str, Message, int], Answer]] = {
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "webhook": _webhook,
}


def _bot(url: str, body: dict[str, Any], timeout: int, code: str) -> Answer:
    """A bot took it if it says so: HTTP 200 and its own code 0."""
    answer = httpx.post(url, json=body, timeout=timeout)
    said = _json(answer)
    return _answered(answer, answer.status_code == httpx.codes.OK and said.get(code) == 0)


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        return {}
    return said if isinstance(said, dict) else {}


def _answered(answer: httpx.Response, accepted: bool) -> Answer:
    said, url = " ".join(answer.text.split()), answer.request.url
    for key in (*url.params.values(), url.path.rpartition("/")[2]):
        if len(key) >= KEY:  # an error page may quote the address, and that holds the key
            said = said.replace(key, "…")
    return Answer(accepted, f"HTTP {answer.status_code} {said}"[:SHOWN])


def _signature(key: str, words: str) -> str:
    return base64.b64encode(hmac.digest(key.encode(), words.encode(), "sha256")).decode()


def fitted(message: Message, most: int) -> str:
    """Title and body in at most so many bytes: whole lines, the most urgent first, and how many
    are left out.
    """
    lines = [message.title, *message.body.splitlines()]
    if len("\n".join(lines).encode()) <= most:
        return "\n".join(lines)
    for kept in range(len(lines) - 1, 0, -1):
        text = "\n".join(
            [*lines[:kept], f"……另有{len(lines) - kept}行，请登录办理系统查看“alerts”"]
        )
        if len(text.encode()) <= most:
            return text
    return message.title.encode()[:most].decode(errors="ignore")
