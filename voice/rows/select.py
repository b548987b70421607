"""147: select. Listed callers are forwarded and others ring, or the reverse."""

from voice.rows import prompt

ROWS = (
    prompt(
        "select-menu",
        "セレクト機能の設定です。電話番号を登録する場合は、2を、利用条件を設定する場合は、3を、"
        "登録した電話番号を確認する場合は、8を、電話番号を削除する場合は、9を押してください。",
        "Select. To add a number, press 2. To set how the list is used, press 3. "
        "To hear the list, press 8. To delete a number, press 9.",
    ),
    prompt(
        "select-enter-number-to-add",
        "登録する電話番号と、シャープを押してください。",
        "Enter the number to add, then hash.",
    ),
    prompt("select-number-to-add-is", "登録する電話番号は、", "The number to add is"),
    prompt("select-added", "電話番号を登録いたしました。", "The number has been added."),
    prompt(
        "select-already-listed",
        "入力された電話番号は、すでに登録されております。",
        "That number is already on the list.",
    ),
    prompt(
        "select-full",
        "恐れ入りますが、30件まで登録されておりますので、これ以上は登録することができません。",
        "Sorry, the list already has 30 entries.",
    ),
    prompt(
        "select-number-refused",
        "恐れ入りますが、入力された電話番号は、登録することができません。",
        "Sorry, that number cannot be added.",
    ),
    prompt(
        "select-enter-number-to-delete",
        "削除する電話番号と、シャープを押してください。",
        "Enter the number to delete, then hash.",
    ),
    prompt("select-number-to-delete-is", "削除する電話番号は、", "The number to delete is"),
    prompt("select-deleted", "電話番号を削除いたしました。", "The number has been deleted."),
    prompt(
        "select-not-listed",
        "恐れ入りますが、入力された電話番号は、登録されておりません。",
        "Sorry, that number is not on the list.",
    ),
    prompt(
        "select-mode-menu",
        "登録した電話番号からの電話だけを転送する場合は、1を、"
        "登録した電話番号からの電話だけを着信する場合は、2を、セレクト機能を解除する場合は、0を押してください。",
        "To forward only listed callers, press 1. To let only listed callers ring, press 2. "
        "To turn select off, press 0.",
    ),
    prompt(
        "select-set-forward",
        "登録した電話番号からの電話だけを、転送するように設定いたしました。",
        "Only listed callers will be forwarded.",
    ),
    prompt(
        "select-set-ring",
        "登録した電話番号からの電話だけを、着信するように設定いたしました。",
        "Only listed callers will ring.",
    ),
    prompt("select-set-off", "セレクト機能を解除いたしました。", "Select has been turned off."),
    prompt("select-count-is", "登録されている電話番号は、", "The list has"),
)
