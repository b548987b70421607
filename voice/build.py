"""Makes the sound files of the prompt table: `<out>/ja/<key>.ulaw`, `<out>/en/<key>.ulaw`; raw 8 kHz µ-law.

That is the layout Asterisk looks a prompt up in when `out` is its sounds folder and a channel has a language.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from dialplan.errors import BadValue
from voice import manifest, speakers
from voice.prompts import ANNOUNCEMENTS, PROMPTS
from voice.rows import Language, Prompt

BUILDER_VERSION = 1
"""Raised by hand when the treatment of the sound changes: every file of ours is then rebuilt."""

SHIPPED = Path(__file__).parent / "sounds"

Progress = Callable[[int, int, str], None]
"""Called after each file with files done, files in all, and the file's name relative to the output folder."""

Speak = Callable[[Language, str], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """File names relative to the output folder. `studio` are an operator's own recordings, left alone."""

    built: tuple[str, ...]
    kept: tuple[str, ...]
    studio: tuple[str, ...]


def build(
    out: Path,
    languages: Iterable[Language] = tuple(Language),
    progress: Progress | None = None,
    *,
    prompts: Iterable[Prompt] = PROMPTS,
    speak: Speak = speakers.speak,
) -> Report:
    """Builds what is missing or whose text, voice or treatment changed; everything else is not touched.

    A file whose bytes are not what was built here is a studio recording. Raises BadValue for a missing speech
    engine or a broken manifest. After a failure every file is either the old or the new one, and the next run
    goes on from there.
    """
    jobs = [(language, row) for language in languages for row in prompts]
    known = manifest.read(out)
    outcome: dict[str, list[str]] = {"built": [], "kept": [], "studio": []}
    for done, (language, row) in enumerate(jobs, 1):
        name = file_name(language, row)
        source = source_digest(language, row)
        found = _digest_of(out / name)
        ours = known.get(name)
        if found is not None and (ours is None or found not in (ours.audio, ours.before)):
            outcome["studio"].append(name)
        elif found is not None and ours is not None and (found, source) == (ours.audio, ours.source):
            outcome["kept"].append(name)
        else:
            spoken = speak(language, row.text(language))
            known[name] = manifest.Built(source=source, audio=manifest.digest(spoken), before=found)
            manifest.write(out, known)
            manifest.write_whole(out / name, spoken)
            outcome["built"].append(name)
        if progress is not None:
            progress(done, len(jobs), name)
    return Report(**{kind: tuple(names) for kind, names in outcome.items()})


def install_shipped(out: Path, languages: Iterable[Language] = tuple(Language)) -> Report:
    """Puts the announcements that come with the code into `out`: the rules of `build`, without an engine."""
    files = {
        (language, row.text(language)): SHIPPED / file_name(language, row)
        for language in Language
        for row in ANNOUNCEMENTS
    }

    def read(language: Language, text: str) -> bytes:
        return files[language, text].read_bytes()

    return build(out, languages, prompts=ANNOUNCEMENTS, speak=read)


def file_name(language: Language, row: Prompt) -> str:
    return f"{language}/{row.key}.ulaw"


def source_digest(language: Language, row: Prompt) -> str:
    parts = (str(BUILDER_VERSION), speakers.VOICES[language], row.text(language))
    return manifest.digest("\0".join(parts).encode())


def _digest_of(path: Path) -> str | None:
    try:
        return manifest.digest(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadValue(str(path), error.strerror, "a readable sound file") from error
