"""From a speech engine's samples to a telephone's: 8 kHz, one level, no dead air, G.711 µ-law.

Needs the `voice` extra (numpy, soxr), so it is imported only where something is built.
"""

import numpy as np
import numpy.typing as npt
import soxr

Samples = npt.NDArray[np.float64]
"""Mono, full scale at ±1."""

RATE = 8000
LEVEL_DB = -22.0
"""Of the spoken parts, against full scale: about -16 dBm0. One level for all, as prompts are strung together."""
PEAK = 10 ** (-1 / 20)
"""1 dB under full scale; a prompt with higher peaks is made softer as a whole, never clipped."""
GATE_DB = -30.0
"""A window this far under the loudest one counts as a pause and not as speech."""
TRIM_DB = -42.0
SILENT = 1e-7
"""-70 dB, about the smallest step of µ-law: noise, not to be made loud."""
EDGE_MS = 50
SILENCE_MS = 100

_BIAS = 0x84
_CLIP = 32635


def finish(samples: Samples, rate: int) -> bytes:
    """µ-law bytes at 8 kHz, one byte a sample. `rate` is that of `samples`, in Hz.

    Raises ValueError when nothing was spoken.
    """
    if not samples.size:
        raise ValueError("nothing was spoken: no samples")
    narrow = soxr.resample(samples - samples.mean(), rate, RATE, quality="VHQ")
    return encode(level(trim(narrow)))


def silence() -> bytes:
    return encode(np.zeros(RATE * SILENCE_MS // 1000))


def trim(samples: Samples) -> Samples:
    """Brings dead air at both ends to 50 ms, cutting it or adding silence, and fades the ends."""
    loud = np.flatnonzero(_window_power(samples, 5) > _loudest(samples) * 10 ** (TRIM_DB / 10))
    window, edge = RATE * 5 // 1000, RATE * EDGE_MS // 1000
    first, last = int(loud[0]) * window, min((int(loud[-1]) + 1) * window, len(samples))
    padded = np.concatenate((np.zeros(edge), samples, np.zeros(edge)))
    cut = padded[first : last + 2 * edge].copy()
    ramp = np.linspace(0.0, 1.0, window)
    cut[:window] *= ramp
    cut[-window:] *= ramp[::-1]
    return cut


def level(samples: Samples) -> Samples:
    """Brings the spoken parts to LEVEL_DB, or as near to it as the peaks allow."""
    wanted = 10 ** (LEVEL_DB / 20) / np.sqrt(speech_power(samples))
    return samples * min(float(wanted), PEAK / float(np.abs(samples).max()))


def speech_power(samples: Samples) -> float:
    """Mean power of the 20 ms windows that hold speech; full scale squared is 1. ValueError for silence."""
    power = _window_power(samples, 20)
    return float(power[power > _loudest(samples) * 10 ** (GATE_DB / 10)].mean())


def encode(samples: Samples) -> bytes:
    """G.711 µ-law, the 14-bit codec fed with 16-bit samples; what is above full scale is clipped."""
    linear = np.clip(np.rint(samples * 32768), -_CLIP, _CLIP).astype(np.int32)
    magnitude = np.abs(linear) + _BIAS
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(linear < 0, 0x80, 0)
    return bytes((~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8))


def decode(octets: bytes) -> Samples:
    """G.711 µ-law to samples at full scale ±1."""
    code = ~np.frombuffer(octets, dtype=np.uint8).astype(np.int32) & 0xFF
    magnitude = ((((code & 0x0F) << 3) + _BIAS) << ((code & 0x70) >> 4)) - _BIAS
    linear = np.where(code & 0x80, -magnitude, magnitude)
    return linear.astype(np.float64) / 32768


def _window_power(samples: Samples, milliseconds: int) -> Samples:
    window = RATE * milliseconds // 1000
    padded = np.pad(samples, (0, -len(samples) % window))
    return np.asarray((padded.reshape(-1, window) ** 2).mean(axis=1))


def _loudest(samples: Samples) -> float:
    loudest = float(_window_power(samples, 20).max(initial=0.0))
    if loudest < SILENT:
        raise ValueError(f"nothing was spoken in {len(samples)} samples")
    return loudest
