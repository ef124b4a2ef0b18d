#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What one delivery of one event costs the server, beside the least possible (one send per client in a loop, no
# protocol) and beside asyncio, in one run:
#
#     tools/bench/publish.sh
#
# Compare rows of one run only: clients and server share the machine's CPUs.
set -eu
cd "$(dirname "$0")"
swift build -c release --product bench-publish
ulimit -n 4096

echo "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1 /proc/loadavg)"
printf '%-20s %8s %8s %6s %12s %8s %8s %6s %8s\n' engine clients stopped rate 'us/delivery' 'p50 us' 'p99 us' lost 'RSS MB'
for load in '1 50 10' '100 50 10' '1000 10 10' '50 1000 10 10'; do
    for engine in floor undertone peers/publish_asyncio.py; do
        # The floor would stand still with the first client that does.
        case "$engine $load" in 'floor 50 '*) continue ;; esac
        # shellcheck disable=SC2086
        .build/release/bench-publish $engine $load \
            | jq -r '[.engine, .clients, .stopped, .rate, .us_per_delivery, .p50_us, .p99_us, .lost, .rss_mb] | @tsv' \
            | LC_ALL=C awk '{ printf "%-20s %8d %8d %6d %12.2f %8d %8d %6d %8.1f\n", $1, $2, $3, $4, $5, $6, $7, $8, $9 }'
    done
done
