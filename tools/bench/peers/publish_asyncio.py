# SPDX-License-Identifier: Apache-2.0
"""Serves the same load with asyncio: `publish_asyncio.py PATH RATE SECONDS`, see bench-publish."""
import asyncio, os, resource, sys, time

LINE = (
    '{"type":"estimate","seq":48213,"utt":%d,"rev":5,"final":false,"span":[812.400,815.000],'
    '"wall":"2026-11-20T23:40:13.750Z","label":"happy","p":{"neutral":0.2100,"happy":0.5800,"sad":0.0400,'
    '"angry":0.0600,"fearful":0.0300,"disgusted":0.0200,"surprised":0.0600},"conf":0.5800,"heard_ms":2600,'
    '"stable":{"label":"happy","for_ms":1500},"quality":{"level_db":-23.0,"snr_db":18.2,"clip":false},'
    '"lag_ms":11.8,"sub":"s1","n":%d}\n'
)


async def main(path, rate, seconds):
    writers = []

    async def accept(reader, writer):
        writers.append(writer)
        await reader.read()

    server = await asyncio.start_unix_server(accept, path, backlog=1024)
    await asyncio.to_thread(sys.stdin.readline)
    before = time.process_time()
    due = time.monotonic()
    for number in range(int(rate * seconds)):
        due += 1 / rate
        await asyncio.sleep(max(0, due - time.monotonic()))
        line = (LINE % (time.monotonic_ns(), number + 1)).encode()
        for writer in writers:
            writer.write(line)
    await asyncio.sleep(0.2)
    used = (time.process_time() - before) * 1e6
    print(used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
    await asyncio.sleep(60)


asyncio.run(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))
