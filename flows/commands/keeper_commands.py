"""The commands of whoever keeps the installation: key, clock, backup, proof, retention."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from flows.arguments import Add
from models.words.days_told import told, written


def offer(add: Add) -> None:
    """Add these commands, each with its options and an example."""
    add(
        "rekey",
        _rekey,
        "用第一个加密密钥把加密的内容全部重新加密，逐一试过，再说旧密钥可否弃用；须先停止办理系统",
        "disclosure rekey",
    )

    one = add(
        "clock",
        _clock,
        "系统日期与登记簿最近一次登记的日期；从前的时间偏晚、现在已校正的，记录下来才能继续登记",
        "disclosure clock --set-back --officer 李明 --reason 主板电池失效，时间曾快三个月",
    )
    one.add_argument("--set-back", action="store_true", help="从前的时间偏晚，现在的正确")
    one.add_argument("--officer", default="", metavar="姓名", help="由谁校正")
    one.add_argument("--reason", default="", metavar="理由", help="理由，记入登记簿")

    one = add(
        "backup",
        _backup,
        "备份登记簿、config/、年度报告文字和材料（不含密钥，密钥须另外备份）；办理系统不必停止",
        "disclosure backup /backup/2026-03-02",
    )
    one.add_argument("folder", type=Path, metavar="目录", help="新的或者空的目录")

    one = add(
        "restore",
        _restore,
        "核对备份并放回 DISCLOSURE_HOME（或 DISCLOSURE_DATABASE_URL 的数据库）；"
        "须先停止办理系统；原有的移到 backups/，不删除",
        "disclosure restore /backup/2026-03-02",
    )
    one.add_argument("folder", type=Path, metavar="目录", help="disclosure backup 所作的备份")

    one = add(
        "verify",
        _verify,
        "核验登记簿：登记链、登记簿各行、编号、文书；逐条列出不符之处",
        "disclosure verify --head 3f0c…",
    )
    one.add_argument(
        "--head",
        default="",
        metavar="校验值",
        help="从前记下的登记链校验值（年度报告、备份、每日巡检页上的），核对其后没有被截去、改写",
    )

    one = add(
        "destroy",
        _destroy,
        "销毁保管期限已满的个人信息（身份证明号码、联系方式、通信地址）；不加 --yes 只列出",
        "disclosure destroy --officer 王建国 --yes",
    )
    one.add_argument("--officer", default="", metavar="姓名", help="决定销毁的公开机构负责人")
    one.add_argument(
        "--code", default="", metavar="口令", help="公开机构负责人的动态口令（启用后必填）"
    )
    one.add_argument("--note", default="", metavar="说明", help="写入记录的说明，如批准文号")
    one.add_argument("--yes", action="store_true", help="确认销毁，不能恢复")


def _rekey(_: argparse.Namespace) -> int:
    from flows import office
    from flows.installation import rekeying
    from flows.papers import store

    with office.alone("更换密钥"):
        with office.writing() as session:
            done = rekeying.renew(
                session, office.sealing(), office.home() / "prefect", office.database()
            )
        materials = store.reseal(store.store(), office.sealing())
    print(f"已用现在的密钥重新加密，{done.values}个加密的值逐一试过，只用这个密钥都能打开")
    if materials:
        print(f"{materials}份材料已改用现在的密钥")
    if done.waiting:
        print(
            f"旧密钥还不能去掉：有{done.waiting}份表单已经提交、尚未登记，是用旧密钥加密的；"
            "请保留旧密钥启动办理系统，办完后停止，再运行一次"
        )
        return 1
    print("旧密钥可以从密钥文件中去掉；以前的备份仍须用旧密钥才能打开，请与那些备份一同保存")
    return 0


def _clock(arguments: argparse.Namespace) -> int:
    from flows import office
    from models.soundness import clock
    from models.store import known_by

    if arguments.set_back:
        with office.writing(clock_goes_back=True) as session:
            ahead = clock.set_back(
                session, office.today(), arguments.officer, arguments.reason, office.now()
            )
        print(
            "已记录时间的更正，可以继续登记；办理系统正在运行的，请重新启动（定时任务还在等原来的时间）"
        )
        for event in ahead:
            print(
                f"登记日期晚于今天：{event.case_number} 第{event.position + 1}步"
                f"（{written(event.recorded_on)}）"
            )
        if ahead:
            print("请逐件核对其中的日期，有误的用“勘误”更正")
        return 0
    with office.reading() as session:
        last, _ = clock.reached(session)
        made = known_by.clock_corrections(session)
    recorded = written(last) if last else "——"
    print(f"今天是{written(office.today())}；登记簿最近一次登记在{recorded}")
    for one in made:
        reason, was = one.facts["reason"], one.facts["was"]
        print(f"{written(one.on)} 记录了时间的更正（原已到{told([was])}）{one.officer}：{reason}")
    return 0


def _backup(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.installation import backup, files
    from flows.papers import store

    where = (office.engine(), office.home(), office.config(), arguments.folder, office.now())
    made = backup.make(*where, elsewhere=store.fetched)
    print(f"已备份到 {arguments.folder}：登记簿和另外{len(made.files) - 1}个文件（不含密钥）")
    print(f"登记链校验值 {made.head}（请另行保存，以后用 disclosure verify --head 核对）")
    for left in backup.unfinished(arguments.folder, office.now() - files.ON_ITS_WAY):
        print(f"{left} 是以前没有备份完的，内有登记簿的副本，不能用于恢复，请删除")
    return 0


def _restore(arguments: argparse.Namespace) -> int:
    from flows import office
    from flows.installation import keys, opening, restoring
    from flows.papers import store

    where, home = office.database(), office.home()
    kept = store.store()
    restored, aside = restoring.restore(arguments.folder, where, home, opening.file_of(where))
    print(f"已恢复 {restored.made_at} 的备份，登记链校验值 {restored.head}")
    print(f"原有的登记簿、年度报告文字和 Prefect 的数据在 {aside}，核对无误后可以删除")
    print(
        f"备份中的 config/ 在 {aside / restoring.CONFIG}，与现用的（{office.config()}）不同的，请比对"
    )
    if not keys.at_hand(home):
        print("还须放回加密密钥（它不在备份里），才能打开登记簿")
    kept.fetch(aside, {Path(name).name for name in restored.files})
    kept.move_in()
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from flows.keeping import verifying
    from flows.path import recording

    found = verifying.verify(arguments.head.strip().lower(), contents=True)
    faults = [*found.faults, *recording.damaged_letters()]
    for fault in faults:
        print(fault)
    print(f"登记链校验值 {found.head}")
    if faults:
        print(f"共{len(faults)}处不符", file=sys.stderr)
        return 1
    print("登记簿核验无误", file=sys.stderr)
    return 0


def _destroy(arguments: argparse.Namespace) -> int:
    from flows.counter import destroying
    from flows.keeping import material_content

    found = destroying.due()
    for number, until in found:
        print(f"{number}　保管至{written(until)}")
        if arguments.yes:
            destroying.destroy(number, until, arguments.officer, arguments.note, arguments.code)
    if arguments.yes and found:
        destroying.wipe()
        for line in material_content.let_go():
            print(line)
        print(
            f"已销毁{len(found)}件的个人信息；以前的备份里仍有，请按同样的期限处理", file=sys.stderr
        )
    elif found:
        print(f"共{len(found)}件；确认销毁请加 --yes（不能恢复）", file=sys.stderr)
    else:
        print("没有保管期限已满的", file=sys.stderr)
    return 0
