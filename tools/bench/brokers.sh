#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Our server beside mosquitto, Redis and NATS (Debian packages), on the same loads, in one run:
#
#     tools/bench/brokers.sh [TIMES]
#
# Medians of TIMES runs (3). Over Unix sockets, but for NATS, which has none. Lines have the size of a real estimate.
# Readers, publisher and server share the machine: compare rows of one run only. A broker gets its lines from a
# publisher, as it would from a daemon; ours makes them itself, and its CPU time contains that.
set -eu
cd "$(dirname "$0")"
times="${1:-3}"
swift build -c release --product bench-publish
swift build -c release --product bench-brokers
ulimit -n "$(ulimit -Hn)"

for program in mosquitto redis-server nats-server; do
    PATH="/usr/sbin:$PATH" command -v "$program" >/dev/null || echo "not installed, left out: $program" >&2
done
engines='undertone mosquitto redis nats'

# The median of each column over the runs of one engine and load.
medians() {
    jq -s -r "def median: sort | .[length / 2 | floor]; . as \$runs | [$1] | map(. as \$key | \$runs | map(.[\$key]) | median) | @tsv"
}

repeat() {
    run=0
    while [ "$run" -lt "$times" ]; do
        .build/release/bench-brokers "$@" || true
        run=$((run + 1))
    done
}

echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1 /proc/loadavg), medians of $times"
printf '%-10s %5s %8s %6s %8s %8s %8s %6s %9s %6s %8s %5s\n' \
    engine good stopped rate 'p50 ms' 'p99 ms' 'max ms' lost 'peak kB' 'CPU %' evicted told
for load in '50 0 100 10' '50 10 100 10' '50 10 1000 20'; do
    for engine in $engines; do
        # shellcheck disable=SC2086
        repeat "$engine" load $load \
            | medians '"good","stopped","rate","p50_ms","p99_ms","max_ms","lost","rss_peak_kb","cpu_percent","evicted","told"' \
            | LC_ALL=C awk -v engine="$engine" '{ printf "%-10s %5d %8d %6d %8.2f %8.2f %8.1f %6d %9d %6.1f %8d %5d\n",
                engine, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 }'
    done
done
printf '\n%-10s %12s %8s %11s %10s\n' engine connections 'kB each' 'idle CPU %' 'connect s'
for engine in $engines; do
    repeat "$engine" idle 5000 | medians '"connections","kb_each","idle_cpu_percent","connect_s"' \
        | LC_ALL=C awk -v engine="$engine" '{ printf "%-10s %12d %8.2f %11.1f %10.2f\n", engine, $1, $2, $3, $4 }'
done
