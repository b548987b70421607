"""The two speech engines. Neither is needed by a running switch: prompts are spoken when they are built."""

import contextlib
import io
import subprocess
import tempfile
import warnings
import wave
from pathlib import Path
from typing import TYPE_CHECKING

from dialplan.errors import BadValue
from voice.rows import Language

if TYPE_CHECKING:
    from voice.sound import Samples

VOICES = {
    Language.JAPANESE: "pyopenjtalk-plus mei_normal speed=1.0",
    Language.ENGLISH: "espeak-ng en-us+f3 -s 150 -g 2",
}
"""What a built file depends on besides its text; change the words when a setting below changes."""


def speak(language: Language, text: str) -> bytes:
    """8 kHz µ-law of `text`. Raises BadValue when the engine is not installed or will not speak."""
    try:
        from voice import sound
    except ModuleNotFoundError as missing:
        raise BadValue("speech engine", f"no {missing.name}", "the extra denwaban[voice] installed") from missing
    if not text:
        return sound.silence()
    samples, rate = _japanese(text) if language is Language.JAPANESE else _english(text)
    try:
        return sound.finish(samples, rate)
    except ValueError as silent:
        raise BadValue("prompt text", text, "words that the speech engine can speak") from silent


def _japanese(text: str) -> "tuple[Samples, int]":
    try:
        # At import it prints that an optional reading model is absent, which would spoil a command's --json.
        with contextlib.redirect_stdout(io.StringIO()):
            import pyopenjtalk
    except ModuleNotFoundError as missing:
        raise BadValue("speech engine", f"no {missing.name}", "the extra denwaban[voice] installed") from missing
    with warnings.catch_warnings():
        # It calls its own dictionary by a name that the dictionary has deprecated; nothing we could change.
        warnings.simplefilter("ignore", DeprecationWarning)
        samples, rate = pyopenjtalk.tts(text, predict_nani=False)
    return samples / 32768, rate


def _english(text: str) -> "tuple[Samples, int]":
    import numpy as np

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spoken.wav")
        command = ["espeak-ng", "-v", "en-us+f3", "-s", "150", "-g", "2", "-w", str(path), "--stdin"]
        try:
            done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=60, check=False)
        except FileNotFoundError as missing:
            raise BadValue("speech engine", "no espeak-ng program", "the package espeak-ng installed") from missing
        if done.returncode:
            raise BadValue("espeak-ng", done.stderr.decode(errors="replace").strip(), "exit status 0")
        with wave.open(str(path)) as spoken:
            rate = spoken.getframerate()
            frames = spoken.readframes(spoken.getnframes())
    return np.frombuffer(frames, dtype="<i2").astype(np.float64) / 32768, rate
