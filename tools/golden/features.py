# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/golden/features: output of Kaldi's filter bank and Praat for recorded speech.

    python tools/golden/features.py                       the three voices in the repository
    python tools/golden/features.py --data DIR            and Praat's contours of clips from the corpora in DIR

Each voice gives `NAME.wav` (the decoded input, so that no decoder matters), `NAME.fbank.f32`
(little-endian [frames, 80], natural log) and its pitch contour in `pitch.json`; `provenance.json` lists the versions.
"""

import argparse
import hashlib
import importlib.metadata
import json
import pathlib
import random
import sys

import kaldi_native_fbank as knf
import numpy as np
import parselmouth
import soundfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SPEECH = ROOT / "Tests/Fixtures/speech"
OUT = ROOT / "Tests/Fixtures/golden/features"
RATE, WINDOW, HOP, BANDS = 16000, 400, 160, 80
CUT = {"angry": 1.0, "happy": 0.9, "sad": 0.9}  # seconds where two seconds with most of the sentence begin
# Our tracker compares the last 25 ms with the signal one period before, after a filter that delays by 23 samples: its
# value for a frame that ends at sample E belongs to about E - 303 (half the window, the delay, half a period of 10
# ms).
PITCH_DELAY = 303
CORPORA = ("ravdess", "tess", "nemo_polish", "ased_amharic", "speechocean762")
CLIPS_PER_CORPUS = 8


def filter_bank(samples):
    """Log-mel frames of samples in -1...1, with Kaldi's options except 80 bands and no dither."""
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = RATE
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = BANDS
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = 8000
    options.energy_floor = 0
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(RATE, samples * np.float32(32768))
    bank.input_finished()
    return np.stack([bank.get_frame(i) for i in range(bank.num_frames_ready)]).astype("<f4")


def contour(samples):
    """Praat's pitch in hertz at the middle of each feature frame's pitch window, 0 where unvoiced."""
    step = 0.0025
    pitch = parselmouth.Sound(samples.astype(np.float64), RATE).to_pitch_ac(
        time_step=step, pitch_floor=60, pitch_ceiling=500)
    times, hertz = pitch.xs(), pitch.selected_array["frequency"]
    frames = (len(samples) - WINDOW) // HOP + 1
    middles = (np.arange(frames) * HOP + WINDOW - PITCH_DELAY) / RATE
    nearest = np.clip(np.round((middles - times[0]) / step).astype(int), 0, len(times) - 1)
    return [round(float(f), 1) for f in hertz[nearest]]


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def voices():
    """The golden files of the fixtures; returns the contours and the inputs' digests."""
    contours, inputs = {}, {}
    for name, start in CUT.items():
        source = SPEECH / f"{name}.opus"
        decoded, rate = soundfile.read(source, dtype="float32")
        assert rate == RATE
        first = int(start * RATE)
        integers = np.round(decoded[first:first + 2 * RATE] * 32768).clip(-32768, 32767).astype("<i2")
        soundfile.write(OUT / f"{name}.wav", integers, RATE, subtype="PCM_16")
        samples = integers.astype(np.float32) / 32768
        filter_bank(samples).tofile(OUT / f"{name}.fbank.f32")
        contours[f"{name}.wav"] = contour(samples)
        inputs[f"{name}.opus"] = sha256(source)
    return contours, inputs


def corpora(folder):
    """Contours of clips chosen by a seed, by path inside the folder of corpora."""
    contours, inputs = {}, {}
    for corpus in CORPORA:
        clips = sorted((folder / corpus).rglob("*.opus")) + sorted((folder / corpus).rglob("*.ogg"))
        random.Random(7).shuffle(clips)
        for clip in clips[:CLIPS_PER_CORPUS]:
            samples, rate = soundfile.read(clip, dtype="float32")
            assert rate == RATE and samples.ndim == 1
            path = str(clip.relative_to(folder))
            contours[path] = contour(samples)
            inputs[path] = sha256(clip)
    return contours, inputs


def write(name, value):
    (OUT / name).write_text(json.dumps(value, indent=1).replace(",\n  ", ", ") + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=pathlib.Path, help="folder of corpora")
    data = parser.parse_args().data
    OUT.mkdir(parents=True, exist_ok=True)
    packages = ("kaldi-native-fbank", "praat-parselmouth", "numpy", "soundfile")
    provenance = {
        "command": "python tools/golden/features.py" + (" --data DIR" if data else ""),
        "python": sys.version.split()[0],
        "versions": {name: importlib.metadata.version(name) for name in packages}
        | {"praat": parselmouth.PRAAT_VERSION, "libsndfile": soundfile.__libsndfile_version__},
        "licence": "wav, fbank and pitch of the voices: CC BY-NC-SA 4.0, see Tests/Fixtures/speech/LICENSE.md",
    }
    contours, provenance["sha256"] = voices()
    write("pitch.json", contours)
    if data:
        contours, provenance["sha256OfCorpora"] = corpora(data)
        write("pitch-corpora.json", contours)
    write("provenance.json", provenance)


if __name__ == "__main__":
    main()
