# SPDX-License-Identifier: Apache-2.0
"""Tests of the teacher tables, on the real encoders: venv/bin/python tests.py"""

import contextlib
import io
import pathlib
import shutil
import tempfile
import types
import unittest

import numpy as np
import soundfile
import torch

import check
import mel
import resemblyzer
import silero
import table


def sweep(samples):
    """Tone that rises from 200 Hz by 6 kHz a second."""
    t = np.arange(samples) / table.RATE
    return (0.3 * np.sin(2 * np.pi * (200 * t + 3000 * t * t))).astype(np.float32)


class FrontEnd(unittest.TestCase):
    def test_mel_power_equals_librosa(self):
        """Reference: librosa 0.10.1, melspectrogram(y=sweep(8000), sr=16000, n_fft=400, hop_length=160, n_mels=40)."""
        power = mel.spectrogram(sweep(8000))
        self.assertEqual(power.shape, (51, 40))
        reference = {(0, 3): 1.7259184, (10, 7): 9.576086e-4, (25, 20): 5.752551, (50, 35): 6.997405e-4}
        for place, value in reference.items():
            self.assertAlmostEqual(power[place] / value, 1, places=4)

    def test_quiet_clip_is_raised_and_loud_or_silent_clip_is_kept(self):
        quiet, loud = 0.01 * sweep(8000), sweep(8000)
        self.assertAlmostEqual(20 * np.log10(np.sqrt(np.mean(mel.normalised(quiet) ** 2))), -30, places=3)
        self.assertIs(mel.normalised(loud), loud)
        self.assertFalse(mel.normalised(np.zeros(800, np.float32)).any())


class Encoders(unittest.TestCase):
    def test_clip_has_its_whole_frames_and_at_least_one(self):
        for encoder, frame in ((resemblyzer.Encoder(), 640), (silero.Encoder(), 512)):
            lengths = [1, frame - 1, frame, 2 * frame - 1, 2 * frame, 25 * frame + 7]
            sizes = [len(vectors) for vectors in encoder.encode([sweep(n) for n in lengths])]
            self.assertEqual(sizes, [1, 1, 1, 1, 2, 25])

    def test_batch_equals_single_clips(self):
        clips = [sweep(n) for n in (4000, 16000, 9999)]
        for encoder in (resemblyzer.Encoder(), silero.Encoder()):
            for clip, vectors in zip(clips, encoder.encode(clips)):
                np.testing.assert_allclose(encoder.encode([clip])[0], vectors, atol=1e-5)

    def test_vectors_depend_on_nothing_after_the_frame(self):
        """The clip is loud, so its volume stays; 2.5 ms of the next frame belong to the last window."""
        clip = sweep(16000)
        for encoder, samples in ((resemblyzer.Encoder(), 12 * 640 + 40), (silero.Encoder(), 12 * 512)):
            first = encoder.encode([clip])[0][:12]
            changed = np.concatenate([clip[:samples], np.zeros(4000, np.float32)])
            np.testing.assert_allclose(encoder.encode([changed])[0][:12], first, atol=1e-5)

    def test_layers_are_those_of_the_published_network(self):
        encoder = resemblyzer.Encoder((3,))
        network = torch.nn.LSTM(mel.BANDS, resemblyzer.HIDDEN, 3, batch_first=True)
        network.load_state_dict({k[5:]: v for k, v in encoder.state.items() if k.startswith("lstm.")})
        with torch.inference_mode():
            steps = network(torch.from_numpy(mel.spectrogram(sweep(16000)))[None])[0][0].numpy()
        expected = steps[:100].reshape(25, 4, -1).mean(1)
        np.testing.assert_allclose(encoder.encode([sweep(16000)])[0], expected, atol=1e-5)


class Tables(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.data)
        self.out = self.data / "table"
        (self.data / "tones").mkdir()
        for k, samples in enumerate((9000, 700, 16000)):
            soundfile.write(self.data / "tones" / f"{k}, a.wav", sweep(samples), table.RATE)
        self.manifest("0, a.wav", "1, a.wav", "2, a.wav")

    def manifest(self, *paths):
        (self.data / "tones" / "manifest.csv").write_text("path\n" + "".join(f'"{path}"\n' for path in paths))

    def run_encoder(self, encoder=None):
        arguments = types.SimpleNamespace(data=self.data, corpora="tones", out=self.out)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            table.run(encoder or resemblyzer.Encoder(), arguments)
        return output.getvalue()

    def check(self):
        content = check.described(self.out)
        rows = check.check_corpus(self.out, "tones", content)
        check.check_clips(self.data, "tones", rows, content["frame_ms"])
        return content, rows

    def test_table_holds_the_vectors_in_the_order_of_the_manifest(self):
        self.run_encoder()
        content, rows = self.check()
        self.assertEqual(rows, [("0, a.wav", 14), ("1, a.wav", 1), ("2, a.wav", 25)])
        vectors = np.fromfile(self.out / "tones.f16", "<f2").reshape(-1, 512)
        clip = table.read_clip(self.data / "tones" / "2, a.wav")
        np.testing.assert_allclose(vectors[15:], resemblyzer.Encoder().encode([clip])[0], atol=1e-3)
        np.testing.assert_allclose(content["mean"], vectors.astype(np.float64).mean(0), atol=1e-9)

    def test_complete_corpus_is_skipped_and_a_changed_one_is_encoded_again(self):
        self.run_encoder()
        statistics = check.described(self.out)["mean"]
        self.assertEqual(self.run_encoder(), "tones: complete\n")
        self.manifest("2, a.wav", "0, a.wav")
        self.assertEqual(self.run_encoder(), "tones: 2 of 2 clips\n")
        content, rows = self.check()
        self.assertEqual(rows, [("2, a.wav", 25), ("0, a.wav", 14)])
        self.assertEqual(content["mean"], statistics)

    def test_another_encoder_is_refused(self):
        self.run_encoder()
        for encoder in (silero.Encoder(), resemblyzer.Encoder((1, 2, 3))):
            self.assertRaisesRegex(table.Failure, "choose another --out", self.run_encoder, encoder)
        self.check()

    def test_damaged_table_is_refused(self):
        self.run_encoder()
        vectors = np.fromfile(self.out / "tones.f16", "<f2")
        vectors[3] = np.inf
        vectors.tofile(self.out / "tones.f16")
        self.assertRaisesRegex(table.Failure, "0, a.wav are not finite", self.check)
        vectors[:-1].tofile(self.out / "tones.f16")
        self.assertRaisesRegex(table.Failure, "bytes, 40 frames need 40960", self.check)

    def test_audio_of_another_rate_is_refused_and_leaves_no_table_of_the_corpus(self):
        soundfile.write(self.data / "tones" / "2, a.wav", sweep(800), 8000)
        self.assertRaisesRegex(table.Failure, "8000 Hz, 1 channels; convert it to 16000 Hz mono", self.run_encoder)
        self.assertFalse((self.out / "tones.csv").exists())
        self.assertRaisesRegex(table.Failure, "did not finish", check.described, self.out)


if __name__ == "__main__":
    unittest.main()
