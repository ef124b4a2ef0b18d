# SPDX-License-Identifier: Apache-2.0
"""kaldi-native-fbank through Python, hop by hop; `--flags` prints what the C++ peer is compiled with."""

import pathlib
import statistics
import sys
import time

import kaldi_native_fbank as knf
import numpy as np

PACKAGE = pathlib.Path(knf.__file__).parent


def stream(speech):
    """Returns a closure that takes the next hop of 160 samples and returns the completed frame."""
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = 16000
    options.frame_opts.dither = 0
    options.mel_opts.num_bins = 80
    options.mel_opts.low_freq = 20
    options.mel_opts.high_freq = 8000
    bank = knf.OnlineFbank(options)
    hops = [speech[i:i + 160] for i in range(0, len(speech) - 159, 160)]
    at = {"hop": 0, "frame": 0}

    def step():
        bank.accept_waveform(16000, hops[at["hop"] % len(hops)])
        at["hop"] += 1
        while at["frame"] < bank.num_frames_ready:
            bank.get_frame(at["frame"])
            bank.pop(1)
            at["frame"] += 1

    return step


def main():
    if sys.argv[1:] == ["--flags"]:
        lib = next(path for path in (PACKAGE / "lib", PACKAGE / "lib64") if path.exists())
        # The wheel uses libstdc++'s string from before 2015, and the options contain one.
        print(f"-D_GLIBCXX_USE_CXX11_ABI=0 -I{PACKAGE / 'include'} -L{lib} -Wl,-rpath,{lib} -lkaldi-native-fbank-core")
        return
    waves = [np.frombuffer(pathlib.Path(path).read_bytes()[44:], "<i2") for path in sys.argv[1:]]
    step = stream(np.concatenate(waves).astype(np.float32))
    tight = []
    for _ in range(9):
        start = time.process_time()
        for _ in range(5000):
            step()
        tight.append((time.process_time() - start) / 5000 * 1e6)
    paced = []
    for _ in range(600):
        time.sleep(0.01)
        start = time.thread_time()
        step()
        paced.append((time.thread_time() - start) * 1e6)
    print('{"engine":"knf Python","features":"log-mel","tight":%f,"paced":%f}'
          % (statistics.median(tight), statistics.mean(paced)))


if __name__ == "__main__":
    main()
