#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares the features of one 10 ms hop with kaldi-native-fbank, on the same speech, in one run:
#
#     PYTHON=/path/to/python tools/bench/features.sh      with kaldi-native-fbank and numpy; a C++ compiler
#
# CPU time (user and system) of one hop, one thread. Tight: hops back to back. Paced: one hop each 10 ms of real time,
# as in a daemon. Compare rows of one run only; figures of another or a busy machine differ.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
golden=../../Tests/Fixtures/golden/features
speech="$golden/angry.wav $golden/happy.wav $golden/sad.wav"

swift build -c release --product bench-features
${CXX:-c++} -O3 -std=c++17 peers/features_knf.cc -o .build/features_knf $("$python" peers/features_peer.py --flags)

echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1 /proc/loadavg)"
{
    .build/release/bench-features $speech
    .build/features_knf $speech
    "$python" peers/features_peer.py $speech
} | jq -r '[.engine, .features, .tight, .paced] | @tsv' | LC_ALL=C awk -F '\t' '
    BEGIN { printf "%-12s %-24s %9s %9s %9s %9s\n", "engine", "features", "tight us", "paced us", "ratio", "ratio" }
    NR == 1 { tight = $3; paced = $4 }
    { printf "%-12s %-24s %9.2f %9.2f %9.1f %9.1f\n", $1, $2, $3, $4, $3 / tight, $4 / paced }'
