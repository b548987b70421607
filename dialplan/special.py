"""The three-digit codes of Japan's numbering plan (1XY), which phonenumbers mostly does not know."""

from dataclasses import dataclass
from enum import StrEnum


class Reach(StrEnum):
    """What becomes of a three-digit code keyed on a lent handset."""

    EMERGENCY = "emergency"
    NATIONAL = "national"  # connected, at the national rate (seeds 003, 004)
    PRICED = "priced"  # refused until the operator has set a rate for it
    MENU = "menu"  # a service of our own, answered here
    REFUSED = "refused"
    PREFIX = "prefix"  # says something about the number that follows; nothing by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Special:
    """One code: its three digits, the name subscribers know, and what becomes of it."""

    code: str
    name: str
    reach: Reach


# 104 and 115 are refused without a rate by the specification. The codes on which the documents are
# silent (113, 116, 136, 188, 189) are held to the same rule, so that no call is ever made without a price.
_TABLE = (
    ("104", "番号案内", Reach.PRICED),
    ("106", "コレクトコール", Reach.REFUSED),  # seed 004
    ("110", "警察", Reach.EMERGENCY),
    ("113", "故障受付", Reach.PRICED),
    ("114", "話中調べ", Reach.REFUSED),  # seed 004
    ("115", "電報", Reach.PRICED),
    ("116", "電話の申込み", Reach.PRICED),
    ("117", "時報", Reach.NATIONAL),
    ("118", "海上保安庁", Reach.EMERGENCY),
    ("119", "消防・救急", Reach.EMERGENCY),
    ("122", "固定優先接続の解除", Reach.PREFIX),  # stands before a carrier prefix, as in 122-00XY
    ("136", "着信番号のお知らせ", Reach.PRICED),
    ("142", "着信転送", Reach.MENU),
    ("144", "迷惑電話ブロック", Reach.MENU),
    ("147", "セレクト", Reach.MENU),
    ("148", "番号通知リクエスト", Reach.MENU),
    ("171", "災害用伝言ダイヤル", Reach.NATIONAL),
    ("177", "天気予報", Reach.NATIONAL),
    ("184", "番号非通知", Reach.PREFIX),
    ("186", "番号通知", Reach.PREFIX),
    ("188", "消費者ホットライン", Reach.PRICED),
    ("189", "児童相談所虐待対応ダイヤル", Reach.PRICED),
)

SPECIALS = {code: Special(code=code, name=name, reach=reach) for code, name, reach in _TABLE}
