"""What a caller hears whom the subscriber's own settings turn away (services §2, steps 3 to 5).

These rows are shipped as sound files too: they are heard without a speech engine, and without the application.
"""

from voice.rows import prompt

ROWS = (
    prompt(
        "nuisance-blocked",
        "この電話はお受けできません。ご了承ください。",
        "This call cannot be accepted. Thank you for your understanding.",
    ),
    prompt(
        "number-request",
        "恐れ入りますが、電話番号の前に、イチハチロクをつけて、電話番号を通知して、おかけ直しください。",
        "Please call again with 1 8 6 before the number, so that your own number is shown.",
    ),
    prompt(
        "caller-not-allowed",
        "恐れ入りますが、おかけになった電話番号では、お客さまからの電話をお受けすることができません。",
        "We are sorry. The number you have dialled does not accept calls from your number.",
    ),
)
