"""#-dial (#ダイヤル): # and 4 digits reach the number their owner set, from all of Japan or one block (seed 001)."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dialplan.errors import BadValue
from dialplan.numbers import NumberClass, Presentation, dialled

NATIONWIDE = "nationwide"


class Block(StrEnum):
    HOKKAIDO = "hokkaido"
    TOHOKU = "tohoku"
    SHINETSU = "shinetsu"
    KANTO = "kanto"
    HOKURIKU = "hokuriku"
    TOKAI = "tokai"
    KANSAI = "kansai"
    SHIKOKU = "shikoku"
    CHUGOKU = "chugoku"
    KYUSHU_OKINAWA = "kyushu-okinawa"


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A block by its name in seed 001, its prefectures, and the beginnings of the fixed numbers there."""

    block: Block
    name: str
    prefectures: tuple[str, ...]
    begins: tuple[str, ...]


# Seed 001 names the blocks and not their prefectures: taken are the areas of the ministry's regional bureaus of
# telecommunications, which are these ten with Okinawa beside Kyushu. Yamanashi is therefore in Kanto.
# A longer beginning wins: the area code 055 is Kofu in Yamanashi (0552) and Numazu in Shizuoka (0559).
REGIONS = tuple(
    Region(block=block, name=name, prefectures=tuple(prefectures.split()), begins=tuple(begins.split()))
    for block, name, prefectures, begins in (
        (Block.HOKKAIDO, "北海道", "北海道", "011 012 013 014 015 016"),
        (Block.TOHOKU, "東北", "青森 岩手 宮城 秋田 山形 福島", "017 018 019 022 023 024"),
        (Block.SHINETSU, "信越", "新潟 長野", "025 026"),
        (
            Block.KANTO,
            "関東",
            "茨城 栃木 群馬 埼玉 千葉 東京 神奈川 山梨",
            "027 028 029 03 04 0551 0552 0553 0554 0555 0556",
        ),
        (Block.HOKURIKU, "北陸", "富山 石川 福井", "076 0770 0776 0778 0779"),
        (Block.TOKAI, "東海", "岐阜 静岡 愛知 三重", "052 053 054 055 056 057 058 059"),
        (Block.KANSAI, "関西", "滋賀 京都 大阪 兵庫 奈良 和歌山", "06 072 073 074 075 077 078 079"),
        (Block.SHIKOKU, "四国", "徳島 香川 愛媛 高知", "087 088 089"),
        (Block.CHUGOKU, "中国", "鳥取 島根 岡山 広島 山口", "082 083 084 085 086"),
        (Block.KYUSHU_OKINAWA, "九州沖縄", "福岡 佐賀 長崎 熊本 大分 宮崎 鹿児島 沖縄", "09"),
    )
)
_BLOCKS = {beginning: region.block for region in REGIONS for beginning in region.begins}
_LENGTHS = sorted({len(beginning) for beginning in _BLOCKS}, reverse=True)

# The caller pays as for the number itself. What is dearer than that number looks, or not open to every caller,
# must not hide behind four digits.
_TARGETS = frozenset({NumberClass.FIXED, NumberClass.MOBILE, NumberClass.IP, NumberClass.FREE_PHONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class HashNumber:
    """`digits` are "#1234"; `block` None is all of Japan; `target` is E.164, of anybody's line anywhere."""

    digits: str
    block: Block | None
    member_id: int
    target: str


def block_of(number: str) -> Block | None:
    """The block a fixed number lies in; None for every other number (050 has no place)."""
    found = dialled(number)
    if found.kind is not NumberClass.FIXED:
        return None
    return next((_BLOCKS[head] for length in _LENGTHS if (head := found.digits[:length]) in _BLOCKS), None)


def hash_digits(text: str) -> str:
    """ "#1234", also of "1234": a shell takes an unquoted # for a comment. Raises BadValue."""
    plain = text.strip()
    found = dialled(plain if plain.startswith(("#", "＃")) else f"#{plain}")
    if found.kind is not NumberClass.HASH_DIAL:
        raise BadValue("#-dial number", text, "# and 4 digits")
    return found.digits


def check_hash_target(text: str) -> str:
    """E.164 of a number that #-dial may reach. Raises BadValue."""
    number = dialled(text)
    if number.kind not in _TARGETS or number.e164 is None or number.presentation is not Presentation.UNSET:
        raise BadValue("number to be reached", text, "a fixed, mobile, 050 or free-phone number in Japan")
    return number.e164


def check_new_hash_number(digits: str, block: Block | None, member_id: int, taken: Iterable[HashNumber]) -> None:
    """Raises BadValue when the number is set for this reach, or when another member's reach would be cut into.

    Nationwide takes calls from all of Japan (seed 001): another member's block inside it would break that promise.
    The same member may have both; the block wins within it.
    """
    for other in taken:
        if other.digits != digits:
            continue
        if other.block is block:
            raise BadValue(
                "#-dial number", f"{digits} {reach(block)}", f"one that is free: member {other.member_id} has it"
            )
        if other.member_id != member_id and (block is None or other.block is None):
            raise BadValue(
                "#-dial number",
                f"{digits} {reach(block)}",
                f"one that is free there: member {other.member_id} has it {reach(other.block)}",
            )


def reach(block: Block | None) -> str:
    return NATIONWIDE if block is None else block.value
