"""Why a call is not connected (services §2, steps 1, 7 and 10; §3; §7).

These rows are shipped as sound files, so that the switch speaks where no speech engine is installed.
"""

from voice.rows import prompt

ROWS = (
    prompt(
        "not-in-use",
        "おかけになった電話番号は、現在使われておりません。番号をお確かめのうえ、もう一度おかけください。",
        "The number you have dialled is not in use. Please check the number and call again.",
    ),
    prompt(
        "suspended",
        "恐れ入りますが、おかけになった電話番号は、ただいまご利用を停止しております。",
        "We are sorry. Service for the number you have dialled is suspended at present.",
    ),
    prompt(
        "cannot-be-reached",
        "恐れ入りますが、おかけになった電話番号には、ただいまおつなぎすることができません。しばらくたってから、おかけ直しください。",
        "We are sorry. The number you have dialled cannot be reached at present. Please call again later.",
    ),
    prompt(
        "busy-limit",
        "おかけになった電話番号は、ただいま話し中です。恐れ入りますが、しばらくたってから、おかけ直しください。",
        "The number you have dialled is busy. Please call again later.",
    ),
    prompt(
        "no-answer",
        "呼び出しいたしましたが、お出になりません。恐れ入りますが、しばらくたってから、おかけ直しください。",
        "There is no answer. Please call again later.",
    ),
    prompt(
        "forward-refused",
        "恐れ入りますが、おかけになった電話番号に設定されている転送先へは、おつなぎすることができません。",
        "We are sorry. Your call cannot be forwarded to the number that has been set.",
    ),
    prompt(
        "forward-loop",
        "恐れ入りますが、転送の回数が上限を超えたため、おつなぎすることができません。",
        "We are sorry. Your call has been forwarded too many times and cannot be connected.",
    ),
    prompt(
        "cannot-be-dialled",
        "恐れ入りますが、おかけになった電話番号へは、この電話からおかけいただくことができません。",
        "We are sorry. The number you have dialled cannot be called from this telephone.",
    ),
    prompt(
        "international-closed",
        "恐れ入りますが、この電話からは、国際電話をご利用いただけません。",
        "We are sorry. This telephone is not open for international calls.",
    ),
    prompt(
        "limit-reached",
        "恐れ入りますが、ご利用の上限に達したため、おつなぎすることができません。",
        "We are sorry. Your call cannot be connected, as the limit set for this line has been reached.",
    ),
    prompt(
        "try-later",
        "恐れ入りますが、ただいま電話がつながりにくくなっております。しばらくたってから、おかけ直しください。",
        "We are sorry. Your call cannot be connected at the moment. Please call again later.",
    ),
)
