"""The commands that keep the office running: the demonstration, the office, its processes apart."""

from __future__ import annotations

import argparse

from flows.arguments import Add


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    one = add("demo", _demo, "演示：把2022年的8件申请从收件办到年报", "disclosure demo")
    one.add_argument("--keep", action="store_true", help="办完后继续运行，供在浏览器中查看")

    add("serve", _serve, "启动办理系统（界面、执行、定时），按 Ctrl-C 全部停止", "disclosure serve")

    add(
        "worker",
        _worker,
        "另起一个执行程序，与办理系统自己的一同办理（登记簿在 PostgreSQL 的），可以在另一台机器",
        "disclosure worker",
    )
    add(
        "server",
        _server,
        "只启动一台服务器（界面），与别的服务器一同在代理之后；登记簿在 PostgreSQL、设了 Redis 的",
        "disclosure server",
    )
    add(
        "scheduler",
        _scheduler,
        "只启动定时程序（巡检、提醒、年报、每分钟核对）；已有一处在值班的，等待接替",
        "disclosure scheduler",
    )


def _demo(arguments: argparse.Namespace) -> int:
    from flows.commands.demo import play

    return play(keep=arguments.keep)


def _serve(_: argparse.Namespace) -> int:
    from flows.server.serve import serve

    return serve()


def _worker(_: argparse.Namespace) -> int:
    from flows.server.worker_beside import work

    return work()


def _server(_: argparse.Namespace) -> int:
    from flows.server.city import server

    return server()


def _scheduler(_: argparse.Namespace) -> int:
    from flows.server.city import scheduler

    return scheduler()
