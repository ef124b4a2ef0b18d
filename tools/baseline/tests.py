# SPDX-License-Identifier: Apache-2.0
"""Tests of the baseline on synthetic voices: venv/bin/python tests.py"""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import soundfile

PROGRAM = pathlib.Path(__file__).with_name("egemaps.py")
PITCHES = {"calm": 120, "fear": 240}


def tone(pitch, generator):
    """A second of a voice-like pulse train with noise."""
    t = np.arange(16_000) / 16_000
    pitch *= 1 + 0.05 * generator.normal()
    wave = sum(np.sin(2 * np.pi * k * pitch * t) / k for k in range(1, 20))
    return (0.1 * wave + 0.005 * generator.normal(size=len(t))).astype(np.float32)


class Baseline(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.data)
        (self.data / "tones").mkdir()
        self.write_folds(12)

    def write_folds(self, count):
        rows = [f"s{k:02},{'FM'[k % 2]},{k % 3},\n" for k in range(count)]
        (self.data / "folds.csv").write_text("speaker,sex,test_fold,development_fold\n" + "".join(rows))

    def write_clips(self):
        generator, rows = np.random.default_rng(1), ["path,speaker,label\n"]
        for speaker in range(12):
            for label, pitch in PITCHES.items():
                path = f"{speaker}_{label}.wav"
                soundfile.write(self.data / "tones" / path, tone(pitch, generator), 16_000)
                rows.append(f"{path},s{speaker:02},{label}\n")
        rows.append("none.wav,s01,laughing\n")
        (self.data / "tones" / "manifest.csv").write_text("".join(rows))

    def run_program(self, *options):
        folds = self.data / "folds.csv"
        command = [sys.executable, PROGRAM, "--data", self.data, "--corpus", "tones", "--folds", folds]
        return subprocess.run([*map(str, command), *options], capture_output=True, text=True)

    def test_voices_that_differ_in_pitch_are_told_apart_by_both_classifiers(self):
        self.write_clips()
        for classifier in ("svm", "logistic"):
            result = self.run_program("--classifier", classifier, "--json", "--cache", str(self.data / "cache.npz"))
            report = json.loads(result.stdout)
            self.assertEqual((report["clips"], report["classes"], len(report["folds"])), (24, 2, 3))
            self.assertGreater(report["uar"]["mean"], 0.95)

    def test_fold_list_of_other_speakers_is_refused(self):
        self.write_clips()
        for count, message in ((11, "speaker 's11' is not in the fold list"), (13, "no clip of speaker 's12'")):
            self.write_folds(count)
            result = self.run_program()
            self.assertEqual(result.returncode, 1)
            self.assertIn(message, result.stderr)

    def test_missing_manifest_is_refused(self):
        result = self.run_program()
        self.assertEqual(result.returncode, 1)
        self.assertIn("manifest.csv: no such file", result.stderr)


if __name__ == "__main__":
    unittest.main()
