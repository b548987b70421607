"""148: number request, where callers who withhold their number are asked to show it."""

from voice.rows import prompt

ROWS = (
    prompt(
        "request-menu",
        "番号通知リクエストの設定です。開始する場合は、1を、停止する場合は、0を、"
        "現在の設定を確認する場合は、8を押してください。",
        "Number request. To turn it on, press 1. To turn it off, press 0. To hear the setting, press 8.",
    ),
    prompt(
        "request-confirm-on",
        "番号通知リクエストを開始します。",
        "Number request will be turned on.",
    ),
    prompt(
        "request-confirm-off",
        "番号通知リクエストを停止します。",
        "Number request will be turned off.",
    ),
    prompt("request-started", "番号通知リクエストを開始いたしました。", "Number request has been turned on."),
    prompt("request-stopped", "番号通知リクエストを停止いたしました。", "Number request has been turned off."),
    prompt("request-state-on", "番号通知リクエストは、現在、ご利用中です。", "Number request is on."),
    prompt("request-state-off", "番号通知リクエストは、現在、停止しております。", "Number request is off."),
)
