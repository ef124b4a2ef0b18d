#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compares our server with mosquitto, Redis and NATS (Debian packages), with the same loads, in one run:
#
#     tools/bench/brokers.sh [TIMES]
#
# Medians of TIMES runs (3). Over Unix sockets, but for NATS, which has none. Lines have the size of a real estimate.
# Clients, publisher and server share the machine: compare rows of one run only. A broker gets its lines from a
# publisher, as it would from a daemon; ours makes them itself, and its CPU time contains that.
set -eu
cd "$(dirname "$0")"
times="${1:-3}"
swift build -c release --product bench-publish >&2
swift build -c release --product bench-brokers >&2
ulimit -n "$(ulimit -Hn)"

for program in mosquitto redis-server nats-server; do
    PATH="/usr/sbin:$PATH" command -v "$program" >/dev/null || echo "not installed, skipped: $program" >&2
done
results="$(mktemp)"
trap 'rm -f "$results"' EXIT

# Engines take turns, so that other load on the machine affects all of them.
run=0
while [ "$run" -lt "$times" ]; do
    for load in 'load 50 0 100 10' 'load 50 10 100 10' 'load 50 10 1000 20' 'idle 5000'; do
        for engine in undertone mosquitto redis nats; do
            # shellcheck disable=SC2086
            .build/release/bench-brokers "$engine" $load >>"$results" || true
        done
    done
    run=$((run + 1))
done

echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1 /proc/loadavg), medians of $times"
median='def median: sort | .[length / 2 | floor]; def middle(key): map(.[key]) | median;'
printf '%-10s %5s %8s %6s %8s %8s %8s %6s %9s %6s %8s %5s\n' \
    engine good stopped rate 'p50 ms' 'p99 ms' 'max ms' lost 'peak kB' 'CPU %' evicted told
jq -s -r "$median"' map(select(.rate)) | group_by([.rate, .stopped])[] | group_by(.engine)[]
    | [.[0].engine, .[0].good, .[0].stopped, .[0].rate, middle("p50_ms"), middle("p99_ms"), middle("max_ms"), middle("lost"),
       middle("rss_peak_kb"), middle("cpu_percent"), middle("evicted"), middle("told")] | @tsv' "$results" \
    | LC_ALL=C awk '{ printf "%-10s %5d %8d %6d %8.2f %8.2f %8.1f %6d %9d %6.1f %8d %5d\n",
        $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 }'
printf '\n%-10s %12s %8s %11s %10s\n' engine connections 'kB each' 'idle CPU %' 'connect s'
jq -s -r "$median"' map(select(.connections)) | group_by(.engine)[]
    | [.[0].engine, .[0].connections, middle("kb_each"), middle("idle_cpu_percent"), middle("connect_s")] | @tsv' "$results" \
    | LC_ALL=C awk '{ printf "%-10s %12d %8.2f %11.1f %10.2f\n", $1, $2, $3, $4, $5 }'
