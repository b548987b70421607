"""144: nuisance block."""

from voice.rows import prompt

ROWS = (
    prompt(
        "nuisance-menu",
        "迷惑電話ブロックの設定です。最後にかかってきた電話を登録する場合は、2を、最後に登録した電話を削除する場合は、3を、"
        "登録件数を確認する場合は、4を、すべての登録を削除する場合は、9を押してください。",
        "Nuisance block. To add the last caller, press 2. To delete the last entry, press 3. "
        "To hear the number of entries, press 4. To delete all entries, press 9.",
    ),
    prompt(
        "nuisance-confirm-add",
        "最後にかかってきた電話を、お受けしないように登録します。",
        "The last caller will be blocked.",
    ),
    prompt(
        "nuisance-added",
        "最後にかかってきた電話を、お受けしないように登録いたしました。",
        "The last caller has been blocked.",
    ),
    prompt(
        "nuisance-no-call",
        "恐れ入りますが、登録できる着信がありません。",
        "Sorry, there is no call that can be added.",
    ),
    prompt(
        "nuisance-already-listed",
        "最後にかかってきた電話は、すでに登録されております。",
        "The last caller is already blocked.",
    ),
    prompt(
        "nuisance-full",
        "恐れ入りますが、30件まで登録されておりますので、これ以上は登録することができません。",
        "Sorry, the list already has 30 entries.",
    ),
    prompt("nuisance-confirm-delete-last", "最後の登録を削除します。", "The last entry will be deleted."),
    prompt("nuisance-deleted-last", "最後の登録を削除いたしました。", "The last entry has been deleted."),
    prompt("nuisance-confirm-delete-all", "すべての登録を削除します。", "All entries will be deleted."),
    prompt("nuisance-deleted-all", "すべての登録を削除いたしました。", "All entries have been deleted."),
    prompt(
        "nuisance-empty",
        "迷惑電話ブロックには、登録がありません。",
        "There are no entries.",
    ),
    prompt("nuisance-count-is", "迷惑電話ブロックの登録は、", "The block list has"),
)
