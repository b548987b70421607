import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice import sound

EVERY_CODE = bytes(range(256))


def tone(hertz: float, seconds: float, rate: int, amplitude: float = 0.5) -> sound.Samples:
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


def power_db(samples: sound.Samples) -> float:
    return float(10 * np.log10((samples**2).mean()))


@pytest.mark.parametrize(
    ("linear", "code"),
    # Decoder output values of G.711 table 2a/2b, taken to 16 bits (times 4).
    [
        (0, 0xFF), (8, 0xFE), (-8, 0x7E), (120, 0xF0), (132, 0xEF), (396, 0xDF), (924, 0xCF), (1980, 0xBF),
        (4092, 0xAF), (8316, 0x9F), (16764, 0x8F), (32124, 0x80), (-32124, 0x00),
    ],
)  # fmt: skip
def test_ulaw_has_the_values_of_g711(linear: int, code: int) -> None:
    assert sound.encode(np.array([linear / 32768])) == bytes([code])
    assert sound.decode(bytes([code])) * 32768 == linear


def test_every_code_survives_decoding_and_encoding_but_negative_zero() -> None:
    assert sound.encode(sound.decode(EVERY_CODE)) == EVERY_CODE.replace(b"\x7f", b"\xff")


def test_beyond_full_scale_is_clipped_and_not_wrapped() -> None:
    assert sound.encode(np.array([1.0, 3.0, -1.0, -3.0])) == b"\x80\x80\x00\x00"


@given(st.floats(min_value=-32124 / 32768, max_value=32124 / 32768))
def test_ulaw_is_within_half_a_step(value: float) -> None:
    heard = float(sound.decode(sound.encode(np.array([value])))[0])
    step = max(8, (abs(value) * 32768 + 132) / 16)
    assert abs(heard - value) * 32768 <= step / 2 + 1


@pytest.mark.parametrize("rate", [48000, 22050])
def test_what_a_telephone_cannot_carry_is_filtered_out_and_does_not_alias(rate: int) -> None:
    voice = tone(1000, 1, rate)
    above = tone(5000, 1, rate)
    clean = sound.decode(sound.finish(voice, rate))
    mixed = sound.decode(sound.finish(voice + above, rate))
    spectrum = np.abs(np.fft.rfft(mixed[800:-800] * np.hanning(len(mixed) - 1600))) ** 2
    hertz = np.fft.rfftfreq(len(mixed) - 1600, 1 / sound.RATE)
    assert spectrum[np.abs(hertz - 3000) < 50].max() < spectrum.max() * 1e-4
    assert power_db(mixed) == pytest.approx(power_db(clean), abs=0.5)


@pytest.mark.parametrize("amplitude", [0.01, 0.3, 1.0])
def test_soft_and_loud_speech_come_out_at_one_level(amplitude: float) -> None:
    heard = sound.decode(sound.finish(tone(500, 1, 48000, amplitude), 48000))
    assert 10 * np.log10(sound.speech_power(heard)) == pytest.approx(sound.LEVEL_DB, abs=0.3)


def test_high_peaks_make_a_row_softer_and_are_never_clipped() -> None:
    clicks = np.zeros(sound.RATE)
    clicks[::200] = 0.5
    heard = sound.level(clicks)
    assert np.abs(heard).max() == pytest.approx(sound.PEAK)
    assert 10 * np.log10(sound.speech_power(heard)) < sound.LEVEL_DB - 0.5


@pytest.mark.parametrize(("before", "after"), [(0.4, 0.7), (0.0, 0.0), (0.01, 0.3)])
def test_dead_air_is_brought_to_fifty_milliseconds(before: float, after: float) -> None:
    speech = tone(500, 1, sound.RATE)
    dead = (np.zeros(int(before * sound.RATE)), speech, np.zeros(int(after * sound.RATE)))
    heard = sound.trim(np.concatenate(dead))
    assert len(heard) / sound.RATE == pytest.approx(1.1, abs=0.011)
    assert not np.any(heard[: sound.RATE * 40 // 1000])
    assert not np.any(heard[-sound.RATE * 40 // 1000 :])


def test_a_pause_inside_a_sentence_stays() -> None:
    spoken = np.concatenate((tone(500, 1, sound.RATE), np.zeros(sound.RATE), tone(500, 1, sound.RATE)))
    assert len(sound.trim(spoken)) / sound.RATE == pytest.approx(3.1, abs=0.011)


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(8000), np.full(8000, 0.2)])
def test_silence_is_refused_and_not_amplified(samples: sound.Samples) -> None:
    with pytest.raises(ValueError, match="nothing was spoken"):
        sound.finish(samples, sound.RATE)
