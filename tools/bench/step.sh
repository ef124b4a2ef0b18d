#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares the network step with ONNX Runtime and PyTorch, with the same weights, in one run:
#
#     PYTHON=/path/to/python tools/bench/step.sh      with torch, onnx, onnxruntime, safetensors, numpy
#
# CPU time (user and system) of one embedding. Tight: steps back to back. Paced: one step per embedding interval of
# real time, as in a daemon. Compare rows of one run only; figures of another or a busy machine differ.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
networks=.build/step-networks

swift build -c release --product bench-step
"$python" peers/step_export.py "$networks" > /dev/null 2>&1 || "$python" peers/step_export.py "$networks"

echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1 /proc/loadavg)"
printf '%-8s %-10s %8s %10s %10s %12s %8s\n' network engine 'step ms' 'tight us' 'paced us' difference 'RSS MB'
for network in encoder gru; do
    for engine in undertone ort script torch; do
        if [ $engine = undertone ]; then
            row=$(.build/release/bench-step $network "$networks/$network")
        else
            row=$("$python" peers/step_peer.py $engine $network "$networks")
        fi
        echo "$row" | jq -r '[.engine, .period_ms, .tight, .paced, .difference, .rss_mb] | @tsv' \
            | LC_ALL=C awk -v n=$network '{ printf "%-8s %-10s %8.0f %10.1f %10.1f %12.1e %8.1f\n", n, $1, $2, $3, $4, $5, $6 }'
    done
done
