# SPDX-License-Identifier: Apache-2.0
"""Front end of Resemblyzer 0.1.4: volume and mel power, equal to the package's values from librosa.

Windows of 25 ms (periodic Hann) every 10 ms, centred on their time, with zeros beyond the ends of the clip:
librosa's default since 0.9, which the package requires (librosa before 0.9 mirrored the signal there; only the first
and the last two of the windows differ). 40 bands on Slaney's scale from 0 to 8 kHz, of equal area, power, no logarithm.
"""

import numpy as np

RATE, WINDOW, HOP, BANDS = 16_000, 400, 160, 40
TARGET_DBFS = -30


def normalised(clip):
    """A clip amplified to -30 dBFS; louder and silent clips do not change. Nothing is cut out, so times do not
    change."""
    level = np.sqrt(np.mean(clip.astype(np.float64) ** 2))
    gain = 10 ** (TARGET_DBFS / 20) / level if level > 0 else 1
    return clip * np.float32(gain) if gain > 1 else clip


def spectrogram(clip):
    """Mel power of a clip, [1 + samples / 160, 40]."""
    padded = np.pad(clip, WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    power = np.abs(np.fft.rfft(windows * HANN)) ** 2
    return (power @ FILTERS).astype(np.float32)


def hertz(mels):
    """Frequencies on Slaney's scale: linear below 1 kHz (15 mels), logarithmic above."""
    return np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (mels - 15)))


def filters():
    """Triangles between neighbouring frequencies, each divided by half its width in hertz, [201, 40]."""
    top = 15 + np.log(RATE / 2 / 1000) * 27 / np.log(6.4)
    edges = hertz(np.linspace(0, top, BANDS + 2))
    bins = np.linspace(0, RATE / 2, WINDOW // 2 + 1)[:, None]
    rise = (bins - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - bins) / np.diff(edges)[1:]
    return (np.maximum(0, np.minimum(rise, fall)) * 2 / (edges[2:] - edges[:-2])).astype(np.float32)


HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
FILTERS = filters()
