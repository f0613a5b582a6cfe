"""Requests as people write them, and the same ones asked again in other words.

What is asked for (a matter of a place in a year, in one kind of record) is drawn from some two
millions; how it is put, from openings, orders, synonyms and what people leave out or add.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from random import Random
from typing import Final

DISTRICTS: Final = (
    *("浦东新区", "徐汇区", "长宁区", "静安区", "普陀区", "虹口区", "杨浦区", "黄浦区"),
    *("闵行区", "宝山区", "嘉定区", "金山区", "松江区", "青浦区", "奉贤区", "崇明区"),
)
STREETS: Final = ("康桥镇", "华阳路街道", "新桥镇", "大场镇", "江川路街道", "朱泾镇", "四平路街道")
PLACES: Final = (*DISTRICTS, *(f"{one}{two}" for one, two in product(DISTRICTS, STREETS)))
YEARS: Final = tuple(str(year) for year in range(2014, 2026))
OF_WHAT: Final = (
    *("旧城区改建", "土地储备", "集体土地征收", "房屋征收补偿", "高标准农田建设", "老旧小区改造"),
    *(
        "污水管网建设",
        "生活垃圾焚烧厂",
        "轨道交通车站",
        "公立幼儿园建设",
        "小学学区划分",
        "校车服务",
    ),
    *("社区卫生服务中心", "养老机构补贴", "残疾人就业保障金", "最低生活保障", "廉租住房分配"),
    *("专利资助", "商标侵权查处", "知识产权质押融资", "高新技术企业认定", "科技创新券"),
    *("道路停车收费", "共享单车管理", "出租车经营权", "危险化学品运输", "河道整治", "扬尘污染治理"),
    *(
        "食品安全抽检",
        "农药残留检测",
        "餐饮油烟处罚",
        "建筑工地噪声",
        "消防安全检查",
        "电梯维护保养",
    ),
    *("政府采购", "公务用车", "行政机关聘用人员", "公务员招录", "事业单位招聘", "培训费用"),
    *("村务公开", "宅基地审批", "林权登记", "不动产登记", "规划许可", "施工许可", "竣工验收"),
)
IN_WHAT: Final = (
    *("实施方案", "名单", "资金使用情况", "审批文件", "会议纪要", "行政处罚决定书", "验收报告"),
    *("招标文件", "中标通知书", "合同文本", "专家评审意见", "环境影响评价报告", "公示材料"),
    *("补偿标准", "收支明细", "检查记录", "投诉处理情况", "统计数据", "评估报告", "听证笔录"),
)
OPENINGS: Final = (
    *("申请公开", "请贵局公开", "本人申请公开", "请求提供", "希望获取", "申请获取", ""),
    *("根据《中华人民共和国政府信息公开条例》，申请公开", "依据政府信息公开条例申请贵机关提供"),
)
ENDINGS: Final = (
    "",
    "",
    "。",
    "，谢谢",
    "等材料",
    "的复印件",
    "（加盖公章）",
    "，请以纸质形式提供",
)
SAID_OTHERWISE: Final = (
    ("资金使用情况", "资金的使用明细"),
    ("名单", "人员名单"),
    ("行政处罚决定书", "处罚决定书"),
    ("审批文件", "批复文件"),
    ("环境影响评价报告", "环评报告"),
    ("投诉处理情况", "投诉的处理结果"),
    ("验收报告", "验收材料"),
    ("旧城区改建", "旧改"),
    ("房屋征收补偿", "房屋征收的补偿"),
    ("最低生活保障", "低保"),
    ("老旧小区改造", "老小区改造"),
)
NUMERALS: Final = str.maketrans("0123456789", "〇一二三四五六七八九")


@dataclass(frozen=True)
class Sought:
    """What somebody asks for: of which place and year, about what, in which kind of record."""

    place: str
    year: str
    about: str
    record: str


def sought(chance: Random) -> Sought:
    """Something that somebody asks for."""
    drawn = (chance.choice(each) for each in (PLACES, YEARS, OF_WHAT, IN_WHAT))
    return Sought(*drawn)


def worded(what: Sought, chance: Random) -> str:
    """A request for it, in the words of one of many."""
    year = chance.choice(
        [f"{what.year}年", f"{what.year}年度", f"{what.year.translate(NUMERALS)}年"]
    )
    about, record = what.about, what.record
    for usual, other in SAID_OTHERWISE:
        if chance.random() < 0.4:
            about, record = about.replace(usual, other), record.replace(usual, other)
    about += chance.choice(["", "", "项目", "工作", "的"])
    matter = chance.choice(
        [
            f"{what.place}{year}{about}{record}",
            f"{year}{what.place}{about}{record}",
            f"{what.place}{about}{year}{record}",
            f"关于{what.place}{year}{about}的{record}",
            f"{year}{what.place}有关{about}的全部{record}",
        ]
    )
    return f"{chance.choice(OPENINGS)}{matter}{chance.choice(ENDINGS)}"
