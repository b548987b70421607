"""The member menu: a registered phone calls its own leased number."""

from voice.rows import prompt

ROWS = (
    prompt(
        "member-menu",
        "貸出電話番号を通知して電話をおかけになる場合は、1を、転送先を変更する場合は、2を、転送を開始する場合は、3を、"
        "現在の設定を確認する場合は、8を、転送を停止する場合は、0を押してください。",
        "To call out showing your leased number, press 1. To change the forward number, press 2. "
        "To start forwarding, press 3. To hear the settings, press 8. To stop forwarding, press 0.",
    ),
    prompt(
        "call-out-enter-number",
        "おかけになる電話番号と、シャープを押してください。",
        "Enter the number to call, then hash.",
    ),
    prompt(
        "call-out-refused",
        "恐れ入りますが、入力された電話番号には、おかけいただくことができません。",
        "Sorry, that number cannot be called.",
    ),
    prompt(
        "call-out-emergency",
        "緊急通報は、この方法ではおかけいただけません。お使いの電話から、直接おかけください。",
        "Emergency numbers cannot be called this way. Please hang up and dial the number directly.",
    ),
    prompt("call-out-connecting", "おつなぎいたします。", "Connecting your call."),
    prompt(
        "callback-this-is",
        "ご依頼により、おかけしております。こちらは、",
        "This is the call you asked for, from",
    ),
)
