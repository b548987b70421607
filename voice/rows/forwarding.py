"""142: forwarding. The member menu and remote access speak of forwarding with the same rows."""

from voice.rows import Prompt, prompt

ENTRIES = range(1, 5)


def _entry(entry: int) -> tuple[Prompt, ...]:
    return (
        prompt(f"forward-entry-{entry}-is", f"転送先リスト{entry}番は、", f"Forward list entry {entry} is"),
        prompt(
            f"forward-entry-{entry}-empty",
            f"転送先リスト{entry}番は、登録されておりません。",
            f"Forward list entry {entry} is empty.",
        ),
        prompt(
            f"forward-entry-{entry}-registered",
            f"転送先リスト{entry}番に、登録いたしました。",
            f"Forward list entry {entry} has been registered.",
        ),
        prompt(
            f"forward-entry-{entry}-use",
            f"転送先を、転送先リスト{entry}番に変更します。",
            f"Calls will be forwarded to list entry {entry}.",
        ),
        prompt(
            f"forward-entry-{entry}-in-use",
            f"現在の転送先は、転送先リスト{entry}番です。",
            f"Forward list entry {entry} is in use.",
        ),
    )


ROWS = (
    prompt(
        "forward-menu",
        "電話の転送の設定です。転送を開始する場合は、1を、転送先を登録する場合は、2を、"
        "呼び出し秒数を変更する場合は、3を、転送先リストの変更と、遠隔操作の設定は、4を、"
        "現在の設定を確認する場合は、8を、転送を停止する場合は、0を押してください。",
        "Call forwarding. To start forwarding, press 1. To register the forward number, press 2. "
        "To change the ring time, press 3. For the forward list and remote access, press 4. "
        "To hear the present settings, press 8. To stop forwarding, press 0.",
    ),
    prompt(
        "forward-mode-menu",
        "すべての電話を転送する場合は、1を、応答がないときに転送する場合は、2を、話し中のときに転送する場合は、3を、"
        "応答がないときと、話し中のときに転送する場合は、4を押してください。",
        "To forward all calls, press 1. When there is no answer, press 2. When the line is busy, press 3. "
        "When there is no answer or the line is busy, press 4.",
    ),
    prompt(
        "forward-started-unconditional",
        "すべての電話を転送するように、設定いたしました。",
        "All calls will now be forwarded.",
    ),
    prompt(
        "forward-started-no-answer",
        "応答がないときに転送するように、設定いたしました。",
        "Calls will now be forwarded when there is no answer.",
    ),
    prompt(
        "forward-started-busy",
        "話し中のときに転送するように、設定いたしました。",
        "Calls will now be forwarded when the line is busy.",
    ),
    prompt(
        "forward-started-no-answer-or-busy",
        "応答がないときと、話し中のときに転送するように、設定いたしました。",
        "Calls will now be forwarded when there is no answer or the line is busy.",
    ),
    prompt("forward-stopped", "転送を停止いたしました。", "Forwarding has been stopped."),
    prompt(
        "forward-no-target",
        "恐れ入りますが、転送先の電話番号が登録されておりません。先に、転送先を登録してください。",
        "Sorry, no forward number is registered. Please register one first.",
    ),
    prompt(
        "forward-enter-target",
        "転送先の電話番号と、シャープを押してください。",
        "Enter the number to forward to, then hash.",
    ),
    prompt("forward-target-is", "転送先の電話番号は、", "The forward number is"),
    prompt(
        "forward-target-refused",
        "恐れ入りますが、入力された電話番号は、転送先に登録することができません。",
        "Sorry, calls cannot be forwarded to that number.",
    ),
    prompt(
        "forward-list-menu",
        "転送先リストから転送先を選ぶ場合は、1を、転送先リストに電話番号を登録する場合は、0を、"
        "遠隔操作の設定をする場合は、3を押してください。",
        "To choose the forward list entry in use, press 1. To register a list entry, press 0. "
        "To set remote access, press 3.",
    ),
    prompt(
        "forward-choose-entry",
        "転送先リストの番号を、1から4までの数字で押してください。",
        "Enter the number of the list entry, from 1 to 4.",
    ),
    *(row for entry in ENTRIES for row in _entry(entry)),
    prompt(
        "forward-enter-ring-time",
        "呼び出し秒数を、5秒から60秒までの間で入力し、最後にシャープを押してください。",
        "Enter the ring time in seconds, from 5 to 60, then hash.",
    ),
    prompt("forward-ring-time-is", "呼び出し秒数は、", "The ring time is"),
    prompt("forward-ring-time-set", "呼び出し秒数を変更いたしました。", "The ring time has been changed."),
    prompt(
        "forward-hear-menu",
        "転送先リストを確認する場合は、0を、転送の方法を確認する場合は、1を押してください。",
        "To hear the forward list, press 0. To hear the forwarding mode, press 1.",
    ),
    prompt("forward-state-off", "現在、転送は停止しております。", "Forwarding is off."),
    prompt("forward-state-unconditional", "現在、すべての電話を転送しております。", "All calls are forwarded."),
    prompt(
        "forward-state-no-answer",
        "現在、応答がないときに転送しております。",
        "Calls are forwarded when there is no answer.",
    ),
    prompt(
        "forward-state-busy",
        "現在、話し中のときに転送しております。",
        "Calls are forwarded when the line is busy.",
    ),
    prompt(
        "forward-state-no-answer-or-busy",
        "現在、応答がないときと、話し中のときに転送しております。",
        "Calls are forwarded when there is no answer or the line is busy.",
    ),
)
