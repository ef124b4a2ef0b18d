#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares one training step with PyTorch, on the same networks, one thread, in one run:
#
#     PYTHON=/path/to/python tools/bench/training.sh      with torch, safetensors, numpy
#
# CPU time (user and system) of forward, loss, backward, clipping and AdamW, the median of 15 steps; the two engines
# take turns three times, and the median is printed. Compare rows of one run only; figures of another machine differ.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
# Removes settings of the shell for OpenBLAS, which would change the result.
unset OPENBLAS_CORETYPE OPENBLAS_NUM_THREADS OPENBLAS_L2_SIZE

swift build -c release --product bench-training
echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1 /proc/loadavg)"
printf '%-8s %-24s %10s %9s %8s %7s\n' network engine parameters 'step ms' 'peak MB' ratio
for network in anchor default; do
    for turn in 1 2 3; do
        .build/release/bench-training $network
        "$python" peers/training_peer.py $network
    done | jq -rs 'group_by(.engine) | map(sort_by(.step_ms)[1]) | sort_by(.engine | startswith("undertone") | not) |
        .[0].step_ms as $ours | .[] | [.engine, .parameters, .step_ms, .peak_mb, .step_ms / $ours] | @tsv' \
        | LC_ALL=C awk -F '\t' -v n=$network '{ printf "%-8s %-24s %10d %9.1f %8.1f %7.2f\n", n, $1, $2, $3, $4, $5 }'
done
