"""Remote access: its setting inside 142, and the call to the access number.

A PIN is never read back: the sound files played would spell it in the event dump. And one refusal serves
a wrong number, a wrong PIN and a locked line alike, so that a guesser learns nothing (services §5).
"""

from voice.rows import prompt

ROWS = (
    prompt(
        "remote-setting-menu",
        "遠隔操作を利用する場合は、1を、利用しない場合は、0を押してください。",
        "To turn remote access on, press 1. To turn it off, press 0.",
    ),
    prompt(
        "remote-enter-new-pin",
        "登録する、4桁から8桁までの暗証番号と、シャープを押してください。",
        "Enter a new PIN of 4 to 8 digits, then hash.",
    ),
    prompt(
        "remote-pin-length",
        "恐れ入りますが、暗証番号は、4桁から8桁までの数字で入力してください。",
        "Sorry, the PIN must have 4 to 8 digits.",
    ),
    prompt(
        "remote-confirm-pin",
        "入力された暗証番号を登録し、遠隔操作を利用できるように設定します。",
        "The PIN you entered will be registered and remote access turned on.",
    ),
    prompt(
        "remote-on",
        "暗証番号を登録し、遠隔操作を利用できるように設定いたしました。",
        "The PIN has been registered and remote access is on.",
    ),
    prompt("remote-off", "遠隔操作を利用しないように、設定いたしました。", "Remote access is off."),
    prompt(
        "remote-enter-number",
        "ご契約の電話番号と、シャープを押してください。",
        "Enter your contract number, then hash.",
    ),
    prompt("remote-enter-pin", "暗証番号と、シャープを押してください。", "Enter your PIN, then hash."),
    prompt(
        "remote-refused",
        "恐れ入りますが、電話番号、または暗証番号を、確認することができませんでした。",
        "Sorry, the number or the PIN could not be verified.",
    ),
    prompt(
        "remote-menu",
        "転送を開始する場合は、1を、転送先を変更する場合は、2を、転送を停止する場合は、0を押してください。",
        "To start forwarding, press 1. To change the forward list entry in use, press 2. "
        "To stop forwarding, press 0.",
    ),
    prompt(
        "remote-list-menu",
        "転送先リストから転送先を選ぶ場合は、1を押してください。",
        "To choose from the forward list, press 1.",
    ),
)
