"""A result that is a whole sentence: 经检索，我局未制作该信息，已书面告知申请人.

Its clauses, without those that say nothing of the result, and what each says without its subject.
Whatever is left must be known: a clause that is not is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from models.agency.ledger_words import Meaning, each_of

Said = Callable[[str], Meaning]
"""What words mean by themselves; "" if nothing known."""
_DATE: Final = r"(?:于|在)?\d{4}[年./-]\d{1,2}[月./-]\d{1,2}日?"
_DATED: Final = re.compile(rf"[(]?{_DATE}[)]?|[(]20\d{{6}}[)]")
_CITED: Final = re.compile(
    r"(?:(?:根据|依据|依照|按照)(?:《[^》]*》|[^,《》]{0,20}?(?:条例|办法|规定|法)(?=第|的?规定|,))|《[^》]*》|(?<![^,;。(])条例(?=第?\d))"
    r"(?:第?[零一二三四五六七八九十百\d]+条|第?[(]?[一二三四五六七八九十\d]+[)]?[款项]|的?(?:有关|相关)?规定|[、和及])*[,，]?"
)
"""By which articles it was decided: what it is is said beside it."""
_ADDRESS: Final = re.compile(r"https?://[\w./?=&%:#-]+|(?:www\.)[\w./?=&%-]+")
_BETWEEN: Final = re.compile(r"[,;:。()]+")
_HOW: Final = (
    r"(?:依法|按时|按期|如期|及时|当面|现场|当场|电话|短信|书面|口头|邮寄|挂号|快递|EMS|网上|邮件|电子邮件"
    r"|(?:以|通过|用)(?:信函|邮寄|挂号信|快递|EMS|电话|短信|书面|电子邮件|邮件|邮箱|网络|网上|系统|平台)(?:的?(?:形式|方式|途径))?|在?法定期限内|在?规定期限内){0,4}"
)
_NOTHING: Final = re.compile(
    r"(?:经|通过|由)?本?(?:机关|科|处|股)?(?:依法|认真|全面|多方|仔细|审慎|再次|及|和|并|、|审查|审核|检索|查询|核实|核查|查找|查阅|研究|调查|查|档案|系统|资料)++后?"
    rf"|(?:现|并|已经?)?(?:将|向)?(?:申请人|其|当事人)?{_HOW}(?:出具|制作|作出|发出)?(?:书面)?(?:《?(?:告知书|答复书|答复意见书?|决定书|结果)》?)?已?{_HOW}"
    r"(?:告知|答复|回复|送达|寄出|寄送|邮寄|发送|送交|领取|签收|取走|办结|结案|归档)(?:了|给)?(?:申请人|其|当事人|本人)*(?:完毕)?"
    r"|(?:并|已)?(?:告知|提供)(?:其|申请人|您|了)*(?:相关|具体|该信息的?|政府)*(?:网址|网站|链接|获取|查询|查阅|方式|途径|渠道|和|及|、)+"
    r"|(?:已|经|依法)*(?:延期|延长)(?:至.{1,4})?(?:\d+个?工作日)?(?:答复|办理)?(?:期限)?|延期\d+(?:个工作)?[日天]"
    r"|(?:可|请)(?:在|登录|通过|到|于).{2,24}(?:查询|查阅|获取|下载|查看)"
    r"|(?:免费|未收费|无收费)|(?:并|已|现|请|建议|可以?|告知|其|申请人|您|你|另行)*向(?!本|我).{2,30}?(?:申请|咨询|了解|查询|反映|索取|获取|提出)(?:公开|申请|获取)?"
    r"|(?:联系|咨询)?(?:电话|网址|链接|地址|(?:EMS|快递|邮件|挂号信?|邮政)?单?号|文号)[A-Za-z]*[\d-]*"
    r"|[^,;、()]{0,12}[〔\[]\d{4}[〕\]]第?\d+号(?:告知书|答复书|决定书)?"
    r"|(?:办理|答复|处理)?(?:结果|情况|意见)|告知书|答复书|决定书|本机关认为"
    r"|申请人(?:已|对此|不服)*,?(?:提起|申请|提出)(?:了?)(?:行政)?(?:复议|诉讼)"
)
"""A clause that says nothing of the result: that it was looked for, how it went out, whom else to ask."""
_BEFORE: Final = tuple(
    re.compile(f"^(?:{each})(?=.)")
    for each in (
        r"(?:经|已)?(?:与申请人)?(?:电话|当面|多次|充分|依法)?(?:沟通|协商|协调|延期|补正|解释|征求第三方意见|征求意见)后",
        r"(?:故|因此|所以|因|由于|鉴于|现|决定|依法|并|且|同时|已|答复为?|告知(?:其|申请人)?(?=不|非|该|属))+",
        r"(?:对|就)?(?:(?:(?:您|你|申请人|其|贵公司|所)+(?:申请|要求)(?:公开|获取)?的?|(?:申请|要求)(?:公开|获取)?的)(?:该|此|上述|相关|有关|所)*|(?:该|此|上述|相关|有关|所)+)(?:政府)?(?:信息|内容|事项|材料|资料|申请)(?:内容)?(?:已|均|都|系|为|是)?",
        r"申请人(?:本人)?(?:自愿|主动|自行|书面|口头|来?电话?|来函|来信|已|提出|要求|表示)*(?=撤|放弃)",
        r"申请人(?=要求(?:加工|汇总|重新|出具|确认))",
        r"本机关(?:依法|决定|现|已|对此|将)*",
        r"(?:属于?|系|为|是|可以(?=不))",
    )
)
"""What a clause begins with before its result; what is left must be known."""
_BEHIND: Final = tuple(
    re.compile(f"(?<=.)(?:{each})$")
    for each in (
        r"(?:该|此|此类|相关|有关|上述|所申请的?|的)(?:政府)?(?:信息|材料|资料|内容)",
        r"(?:共|各)?(?:[1一]件|[1-9一二三四五六七八九十]+[项份条页张])",
        r"(?:处理|办理|反映|解决|提出)",
        r"[√✓✔☑★!]+",
    )
)
_BODY: Final = (
    r"(?:局|委|委员会|办|办公室|厅|部|署|院|中心|大队|支队|政府|街道|镇|乡|处|科|机关|部门|单位|公司"
    r"|办事处|管委会)"
)
_ELSEWHERE: Final = re.compile(
    rf"(?:应?由|应?属于?|系|是|为)(?P<whom>(?!本|我|不|非|政府信息)[^不未非本我]{{1,20}}?{_BODY})的?"
    r"(?:负责|制作|保存|公开|职责|职能|职权|管理|掌握|管辖|范围|权限|内)+(?:该|此|相关)?(?:政府)?(?:信息)?"
)
"""That it is another's to disclose: the office has it not, or it is not its own."""
_HANDED_ON: Final = re.compile(rf"已?转(?:交|送|由|至|给|办)?(?P<whom>[^不未]{{0,16}}?{_BODY})")
_ON_SITE: Final = re.compile(
    r"(?:已|均已)(?:经)?(?:在|通过|于).{0,14}(?:网站|网|平台|官网|公众号|公报|公示栏)(?:上|中)?(?:主动|对外)?(?:公开|公布|发布|公示)"
)
_GIVEN: Final = re.compile(
    r"(?:并|已|当面|邮寄|免费|现场)*提供(?:了|给|申请人|其)*(?:(?:相关|有关|所需)(?:政府)?(?:信息|材料|资料|文件)|(?:信息|文件)?(?:复印件|复制件|电子版|电子文档|纸质版?|扫描件))+"
)
_AS: Final = re.compile(
    r"(?:已|按|作|作为|转|转为)+(?P<what>咨询|信访)(?:件|事项|类)?(?:答复|处理|办理)?"
)
_ALTERNATIVES: Final = re.compile("[/|]|或者?")
OTHER_WAYS: Final = re.compile("档案|登记|法院|检察|监察|纪委|查询")
"""Then it may be an inquiry of another kind (表三（三）8): it is asked."""


def clauses(words: str) -> list[str]:
    """The clauses of a result that say something of it; words = without blanks, in half width."""
    bare = _DATED.sub("", _CITED.sub("", _ADDRESS.sub("", words)))
    return [one for one in _BETWEEN.split(bare) if one and not _NOTHING.fullmatch(one)]


def of_clause(clause: str, said: Said) -> Meaning:
    """What a clause means, by itself or without its subject; "" if nothing known."""
    bare, left = clause, list[str]()
    for each in _BEHIND:
        bare = each.sub("", bare)
        left.append(bare)
    for each in _BEFORE:
        left.append(bare := each.sub("", bare))
        left.append(each.sub("", clause))
    for one in dict.fromkeys([clause, *left]):
        if found := said(_rewritten(one)):
            return found
    return ""


def _rewritten(words: str) -> str:
    """The words by which one is known that is said in more of them."""
    if (found := _AS.fullmatch(words)) is not None:
        return "作为信访处理" if found["what"] == "信访" else "咨询"
    if (found := _ELSEWHERE.fullmatch(words)) and not OTHER_WAYS.search(found["whom"]):
        return "告知向其他机关申请"
    if found := _HANDED_ON.fullmatch(words):
        return "转信访" if "信访" in found["whom"] else "转有关部门"
    if _ON_SITE.fullmatch(words):
        return "已公开"
    return "提供" if _GIVEN.fullmatch(words) else words


def common(meant: Sequence[Meaning]) -> Meaning:
    """What several clauses mean together: the rows that each of them allows; "" if there is none."""
    each = [*map(each_of, meant)]
    if not each or not all(each):
        return ""
    found = tuple(one for one in each[0] if all(one in other for other in each[1:]))
    return found[0] if len(found) == 1 else found


def alternatives(words: str, said: Said) -> Meaning:
    """The rows between which a form left the choice, 予以公开/部分公开/不予公开; "" if it is none."""
    pieces = [one for one in _ALTERNATIVES.split(words) if one]
    if len(pieces) < 2:
        return ""
    codes = [each_of(said(one)) for one in pieces]
    if not all(codes) or len({one[0] for one in codes}) < len(codes):
        return ""
    whole = [one for one in codes if one in (("3.1",), ("3.2",))]
    return tuple(dict.fromkeys(one for each in codes for one in each)) if len(whole) > 1 else ""
