"""What every dialled menu says: asking again, confirming, ending."""

from voice.rows import prompt

ROWS = (
    prompt("is-suffix", "です。", ""),
    prompt(
        "confirm",
        "よろしければ、1を、やり直す場合は、こめじるしを押してください。",
        "To confirm, press 1. To go back, press star.",
    ),
    prompt(
        "wrong-choice",
        "恐れ入りますが、入力された番号は、お取り扱いできません。",
        "Sorry, that is not a valid choice.",
    ),
    prompt("no-input", "入力が確認できませんでした。", "No keys were pressed."),
    prompt(
        "too-many-tries",
        "恐れ入りますが、入力が確認できませんでしたので、終了いたします。はじめから、おかけ直しください。",
        "Sorry, we did not understand your choice. Please call again. Goodbye.",
    ),
    prompt("goodbye", "ご利用ありがとうございました。", "Thank you. Goodbye."),
    prompt(
        "broken-off",
        "恐れ入りますが、受け付けを続けることができなくなりました。"
        "確認が終わっていない設定は、変更されておりません。はじめから、おかけ直しください。",
        "Sorry, we cannot continue. Settings that you had not confirmed are unchanged. Please call again.",
    ),
    prompt(
        "not-stored",
        "恐れ入りますが、ただいま設定することができません。設定は、変更されておりません。しばらくたってから、おかけ直しください。",
        "Sorry, this cannot be set at the moment. Nothing has been changed. Please call again later.",
    ),
    prompt(
        "not-available",
        "恐れ入りますが、おかけの電話からは、この操作をご利用いただけません。",
        "Sorry, this service is not available from your phone.",
    ),
    prompt(
        "enter-own-number",
        "設定する電話番号と、シャープを押してください。おかけの電話番号を設定する場合は、シャープだけを押してください。",
        "Enter the number to be set, then hash. To set the number you are calling from, press hash only.",
    ),
    prompt(
        "not-own-number",
        "恐れ入りますが、入力された電話番号は、ご契約の番号ではありません。",
        "Sorry, that number is not part of your contract.",
    ),
)
