"""Which P-value says what, at which port or account of a Grandstream device. Pure; what for: grandstream.py."""

from collections.abc import Mapping

Values = Mapping[str, int | tuple[int, ...]]

_PORT_1: Values = {
    "active": 271,
    "server": 47,
    "user": 35,
    "auth": 36,
    "password": 34,
    "name": 3,
    "transport": 130,
    "sips": 2329,
    "srtp": 183,
    "register": 31,
    "expires": 32,
    "codecs": (57, 58, 59, 60, 61, 62, 46),
    "fax": 228,
    "dtmf": 850,
    "dtmf_payload": 79,
    "slic": 854,
    "caller_id": 853,
    "polarity": 205,
    "hook_flash": 4424,
    "no_call_waiting": 91,
    "features": 191,
    "dial_plan": 4200,
    "hash_sends": 72,
    "time_out": 85,
}
_PORT_2: Values = {
    "active": 401,
    "server": 747,
    "user": 735,
    "auth": 736,
    "password": 734,
    "name": 703,
    "transport": 830,
    "sips": 2429,
    "srtp": 443,
    "register": 731,
    "expires": 732,
    "codecs": (757, 758, 759, 760, 761, 762, 814),
    "fax": 710,
    "dtmf": 860,
    "dtmf_payload": 779,
    "slic": 864,
    "caller_id": 863,
    "polarity": 865,
    "hook_flash": 4425,
    "no_call_waiting": 791,
    "features": 751,
    "dial_plan": 4201,
    "hash_sends": 772,
    "time_out": 292,
}
PORTS = (_PORT_1, _PORT_2)
"""HT801, HT802, HT812: all about a port. The first also is profile 1 of HT814, HT818 and GXW42xx."""

GATEWAY_PROFILE: Values = {**_PORT_1, "codecs": (57, 58, 59, 60, 61, 62, 46, 98)}
"""Profile 1 of a GXW42xx, which has an eighth codec."""


def profile_port(number: int) -> dict[str, int]:
    """What FXS port `number` (from 1) of a device with profiles has of its own."""
    index = number - 1
    if index >= 32:
        names = ("user", "auth", "password", "name", "profile", "enabled")
        return dict(
            zip(names, (base + index - 32 for base in (21000, 21064, 21128, 21192, 21256, 21384)), strict=True)
        )
    late = index >= 30  # ports 31 and 32 were added to numbers already taken
    return {
        "user": 4240 + index - 30 if late else 4060 + index,
        "auth": 4242 + index - 30 if late else 4090 + index,
        "password": 4244 + index - 30 if late else 4120 + index,
        "name": 4180 + index if index < 20 else 4252 + index - 20,
        "profile": 4246 + index - 30 if late else 4150 + index,
        "enabled": 4595 + index,
    }


def _account(number: int) -> Values:
    """Accounts 2 and 3 of GXP phones, whose numbers differ by 100."""
    step = 100 * (number - 2)
    return {
        "active": 401 + step,
        "label": 417 + step,
        "server": 402 + step,
        "user": 404 + step,
        "auth": 405 + step,
        "password": 406 + step,
        "name": 407 + step,
        "transport": 448 + step,
        "sips": 2429 + step,
        "srtp": 443 + step,
        "register": 410 + step,
        "expires": 412 + step,
        "codecs": tuple(range(451 + step, 459 + step)),
        "dtmf_audio": 2401 + step,
        "dtmf": 2402 + step,
        "dtmf_info": 2403 + step,
        "dtmf_payload": 496 + step,
        "no_call_waiting": 26163 + step,
        "features": 420 + step,
        "dial_plan": 459 + step,
        "hash_sends": 492 + step,
        "time_out": 491 + step,
    }


_ACCOUNT_1: Values = {
    "active": 271,
    "label": 270,
    "server": 47,
    "user": 35,
    "auth": 36,
    "password": 34,
    "name": 3,
    "transport": 130,
    "sips": 2329,
    "srtp": 183,
    "register": 31,
    "expires": 32,
    "codecs": (57, 58, 59, 60, 61, 62, 46, 98),
    "dtmf_audio": 2301,
    "dtmf": 2302,
    "dtmf_info": 2303,
    "dtmf_payload": 79,
    "no_call_waiting": 26063,
    "features": 191,
    "dial_plan": 290,
    "hash_sends": 72,
    "time_out": 85,
}
ACCOUNTS = (_ACCOUNT_1, _account(2), _account(3))
"""GXP21xx phones."""
