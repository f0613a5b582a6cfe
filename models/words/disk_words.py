"""What a machine says when it cannot write, read or reach something, in words for an officer."""

from __future__ import annotations

import errno
import re
from typing import Final

NUMBERED: Final = re.compile(r"\[Errno (\d+)\]")
WHY: Final = {
    errno.ENOSPC: "磁盘已满",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EIO: "磁盘读写出错",
    errno.EROFS: "磁盘只能读，不能写",
    errno.EACCES: "没有权限",
    errno.EPERM: "没有权限",
    errno.ENOENT: "没有这个文件或目录",
    errno.ENOTDIR: "其中有一级不是目录",
    errno.EISDIR: "是目录，不是文件",
    errno.EEXIST: "已经存在",
    errno.ENOTEMPTY: "目录不是空的",
    errno.ENAMETOOLONG: "名称太长",
    errno.EBUSY: "正被占用",
    errno.ETXTBSY: "正被占用",
    errno.EMFILE: "打开的文件太多",
    errno.ENFILE: "打开的文件太多",
    errno.EXDEV: "不在同一个磁盘上",
    errno.EFBIG: "文件太大",
    errno.ELOOP: "是链接",
    errno.EINVAL: "不能这样读写",
    errno.ECONNREFUSED: "对方没有接受连接",
    errno.ETIMEDOUT: "对方没有回应",
}
DISK: Final = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.ENAMETOOLONG}
)
"""What a full, broken or closed disk says, and of a name that none takes."""


def why(fault: OSError) -> str:
    """Why the machine did not do what it was asked to, in Chinese."""
    if fault.strerror and not fault.strerror.isascii():  # a fault of ours bears its own words
        return fault.strerror
    number = fault.errno
    if number is None and (of_many := NUMBERED.search(str(fault))):  # shutil.Error
        number = int(of_many[1])
    return WHY.get(number or 0) or fault.strerror or str(fault) or type(fault).__name__
