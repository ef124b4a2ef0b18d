# SPDX-License-Identifier: Apache-2.0
"""Rows 1 to 22: faults of the microphone, the clock and the processor.

One short function for each row, in the order of the table; hence the length.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import time

from rig.daemon import Daemon, Failed, require, wait_until
from rig.listener import Listener
from rig.rows import FINE, Skipped, balance, milliseconds, row, within
from rig.sound import RATE, ScriptedMicrophone, SoundServer, speech


def recoveries(microphone, fault):
    """Seconds from each `fault` to the next samples that the daemon read."""
    found, since = [], None
    for moment, what, *_ in microphone.events():
        if what == fault and since is None:
            since = moment
        elif what == "sound" and since is not None:
            found.append(moment - since)
            since = None
    return found


def reading(daemon):
    """A client on a daemon that is ended if it has none to give."""
    try:
        return Listener(daemon.path)
    except BaseException:
        daemon.__exit__()
        raise


def scripted(script, *options, environment=None):
    """A microphone with a script, and a daemon and a client on it."""
    microphone = ScriptedMicrophone(script)
    daemon = Daemon(microphone.device, *FINE, *options, environment=microphone.environment() | (environment or {}))
    return microphone, daemon, reading(daemon)


@row(1, "200 single overruns", "the daemon survives each; sound again within 300 ms; one `overrun` each")
def overruns():
    microphone, daemon, listener = scripted("readi@1-1400/7=overrun")
    with microphone, daemon:
        wait_until(lambda: len(microphone.events("overrun")) == 200, 90, "the 200th overrun")
        listener.wait_fresh(time.monotonic())
        worst = max(recoveries(microphone, "overrun"))
        notices = len([m for _, m in listener.since(0, "overrun") if m["cause"] == "device"])
        balance(daemon, listener)
        require(notices == 200, f"{notices} notices for 200 overruns")
        within(0.3, worst, "sound again")
        return worst, "200 overruns, 200 `overrun` messages"


@row(2, "1,000 overruns in a row", "daemon runs; at most 20 log lines; less than 20 % of a CPU")
def overruns_in_a_row():
    microphone, daemon, listener = scripted("readi@20-1019=overrun")
    with microphone, daemon:
        microphone.wait("overrun")
        before, begin = daemon.cpu_seconds(), time.monotonic()
        # The interval between attempts grows, so it takes minutes.
        end = begin + 900
        while time.monotonic() < end and len(microphone.events("overrun")) < 1_000:
            time.sleep(0.2)
        share = (daemon.cpu_seconds() - before) / (time.monotonic() - begin)
        count, lines = len(microphone.events("overrun")), len(daemon.log().splitlines())
        balance(daemon, listener)
        require(count >= 1_000, f"only {count} overruns")
        require(lines <= 20, f"{lines} lines of log")
        require(share < 0.2, f"{share:.0%} of a CPU")
        return None, f"{count} overruns in {time.monotonic() - begin:.0f} s, {lines} lines, {share:.1%} CPU"


@row(3, "suspend, resume after 2 s", "sound again within 1 s of the resume")
def suspend():
    microphone, daemon, listener = scripted("readi@80=suspend:2000")
    with microphone, daemon:
        begin = microphone.wait("suspend")[0]
        told = listener.wait_state("suspended", begin, 2) - begin
        worst = listener.wait_fresh(begin + 2.0)
        balance(daemon, listener)
        within(1, worst, "an estimate")
        return worst, f"`suspended` reported after {milliseconds(told)}"


@row(4, "suspend that never ends", "`suspended`; watchdog fed; ends within 2 s of SIGTERM")
def suspend_for_ever():
    microphone, daemon, listener = scripted("readi@80=suspend:never", environment={"WATCHDOG_USEC": "2000000"})
    with microphone, daemon:
        begin = microphone.wait("suspend")[0]
        listener.wait_state("suspended", begin, 2)
        time.sleep(6)
        fed = daemon.signs_of_life(begin)
        gaps = [b - a for a, b in zip(fed, fed[1:])]
        require(max(gaps) < 2, f"the watchdog got no message for {max(gaps):.1f} s")
        status, seconds = daemon.stop()
        require(status == 0, f"ended with {status}")
        within(2, seconds, "ended")
        return None, f"ended after {milliseconds(seconds)}"


@row(5, "unplugged, back after 3 failed opens; 100 times", "opened again within one retry; no descriptor leak")
def unplug():
    microphone, daemon, listener = scripted("readi@50=unplug:3")
    with microphone, daemon:
        begin = microphone.wait("unplug")[0]
        reopened = wait_until(lambda: [e for e in microphone.events("opened") if e[0] > begin], 10, "a reopening")[0][0]
        refused = microphone.events("refused")[-1][0]
        listener.wait_state("lost", begin, 2)
        single = listener.wait_fresh(reopened)
        balance(daemon, listener)
    microphone, daemon, listener = scripted("readi@20-1500/15=unplug:1")
    with microphone, daemon:
        wait_until(lambda: len(microphone.events("sound")) >= 2, 10, "sound")
        before = daemon.descriptors()
        wait_until(lambda: len(microphone.events("unplug")) >= 99, 120, "the 99th unplugging")
        listener.wait_fresh(time.monotonic())
        after = daemon.descriptors()
        worst = max(recoveries(microphone, "unplug"))
        balance(daemon, listener)
        require(after <= before, f"{before} descriptors became {after}")
        # The device returns at the second attempt: 100 ms, then 200 ms later.
        within(0.6, worst, "sound again")
    return worst, (
        f"3 failed opens: back {milliseconds(reopened - refused)} after the last, estimate "
        f"{milliseconds(single)} later; 99 times: {before} descriptors stay {after}"
    )


@row(6, "no device at start", "`READY=1` within 2 s; `no_device`; clients are served; a line of log in 10 s at most")
def no_device():
    with Daemon("alsa:hw:7") as daemon:
        ready = wait_until(lambda: [t for t, text in daemon.notified if "READY=1" in text], 5, "READY=1")[0]
        time.sleep(10)
        require(daemon.status()["capture"] == "no_device", f"capture is {daemon.status()['capture']}")
        Listener(daemon.path)
        lines = [line for line in daemon.log().splitlines() if "no_device" in line or "hw:7" in line]
        seconds = ready - daemon.started_at
        within(2, seconds, "ready")
        require(len(lines) <= 3, f"{len(lines)} lines of log about it: {lines[-1]}")
        return None, f"ready after {milliseconds(seconds)}, {len(lines)} log lines in 10 s"


@row(7, "input/output error", "sound again within 500 ms")
def input_error():
    microphone, daemon, listener = scripted("readi@100-400/100=EIO")
    with microphone, daemon:
        wait_until(lambda: len(microphone.events("EIO")) == 4, 30, "the 4th error")
        listener.wait_fresh(time.monotonic())
        worst = max(recoveries(microphone, "EIO"))
        balance(daemon, listener)
        within(0.5, worst, "sound again")
        return worst, "4 errors"


def heard(listener, seconds):
    """What a client was told of the first `seconds`, without what depends on when it was told."""
    listener.wait(lambda m: m["type"] == "estimate" and m["span"][1] >= seconds, 0, 40, "enough sound")
    keys = ("span", "label", "p", "conf", "heard_ms", "quality")
    estimates = [m for _, m in listener.since(0, "estimate") if m["span"][1] <= seconds and not m["final"]]
    return [[m.get(key) for key in keys] for m in estimates]


@row(8, "interrupted, empty, short and failed reads", "the same estimates to the last digit; no busy loop")
def odd_reads():
    runs = {}
    odd = "readi@10-400/7=EINTR,readi@11-400/7=EAGAIN,readi@12-400/7=short,readi@13-400/7=empty,wait@5-400/9=EINTR"
    for script in ("", odd):
        microphone, daemon, listener = scripted(script)
        with microphone, daemon:
            before = daemon.cpu_seconds()
            estimates = heard(listener, 8)
            runs[script] = estimates, (daemon.cpu_seconds() - before) / 8, len(microphone.events("EINTR"))
            balance(daemon, listener)
    (plain, calm, _), (faulty, busy, count) = runs[""], runs[odd]
    require(len(plain) >= 100 and plain == faulty, "the estimates differ")
    require(busy - calm < 0.02, f"{calm:.1%} of a CPU became {busy:.1%}")
    return None, f"{len(plain)} estimates identical, {count} interrupted reads, CPU {calm:.1%} and {busy:.1%}"


@row(9, "a read that hangs for 3 s", "`stalled` after 1.0 ± 0.2 s; sound again")
def hang():
    microphone, daemon, listener = scripted("readi@80=hang:3000")
    with microphone, daemon:
        begin = microphone.wait("hang")[0]
        told = listener.wait_state("stalled", begin, 4) - begin
        worst = listener.wait_fresh(begin + 3)
        balance(daemon, listener)
        require(told >= 0.8, f"`stalled` was reported after {told:.2f} s")
        within(1.2, told, "`stalled`")
        within(0.5, worst, "an estimate")
        return worst, f"`stalled` reported after {told:.2f} s"


def listening(server, *options, device="pulse:mic0", environment=None, **more):
    """A daemon and a client on a microphone of a sound server, which is heard already."""
    daemon = Daemon(device, *FINE, *options, environment=server.environment() | (environment or {}), **more)
    listener = reading(daemon)
    try:
        listener.wait_fresh(time.monotonic())
    except Failed:
        daemon.__exit__()
        raise
    return daemon, listener


@row(10, "PulseAudio killed, back after 2 s", "an estimate within 500 ms of the server's return")
def server_killed():
    worst = 0
    with SoundServer() as server:
        daemon, listener = listening(server)
        with daemon:
            for _ in range(3):
                begin = time.monotonic()
                server.kill()
                listener.wait_state("lost", begin, 3)
                time.sleep(2)
                server.start()
                worst = max(worst, listener.wait_fresh(server.answered_at))
            balance(daemon, listener)
            within(0.5, worst, "an estimate")
    return worst, "3 times"


@row(11, "PulseAudio frozen for 2 s", "`stalled`; no estimate while frozen; an estimate within 500 ms")
def server_frozen():
    with SoundServer() as server:
        daemon, listener = listening(server)
        with daemon:
            begin = time.monotonic()
            server.send(signal.SIGSTOP)
            told = listener.wait_state("stalled", begin, 3) - begin
            time.sleep(max(0, begin + 2 - time.monotonic()))
            during = [m for t, m in listener.since(begin + 0.3, "estimate")]
            end = time.monotonic()
            server.send(signal.SIGCONT)
            worst = listener.wait_fresh(end)
            balance(daemon, listener)
            require(not during, f"{len(during)} estimates without audio")
            within(0.5, worst, "an estimate")
            return worst, f"`stalled` reported after {told:.2f} s"


@row(12, "source unloaded for 2 s", "opened again: an estimate within 500 ms of its return")
def source_unloaded():
    worst = 0
    with SoundServer() as server:
        daemon, listener = listening(server)
        with daemon:
            for _ in range(3):
                begin = time.monotonic()
                server.unplug()
                listener.wait_state("lost", begin, 3)
                time.sleep(2)
                back = time.monotonic()
                server.plug()
                worst = max(worst, listener.wait_fresh(back))
            balance(daemon, listener)
            within(0.5, worst, "an estimate")
    return worst, "3 times"


@row(13, "source suspended for 2 s", "reported; no estimate meanwhile; an estimate within 500 ms")
def source_suspended():
    with SoundServer() as server:
        daemon, listener = listening(server)
        with daemon:
            begin = time.monotonic()
            server.control("suspend-source", "mic0", "1")
            listener.wait(
                lambda m: m["type"] == "state" and m["capture"] in ("stalled", "suspended"), begin, 3, "the state"
            )
            time.sleep(max(0, begin + 2 - time.monotonic()))
            during = listener.since(begin + 0.5, "estimate")
            end = time.monotonic()
            server.control("suspend-source", "mic0", "0")
            worst = listener.wait_fresh(end)
            balance(daemon, listener)
            require(not during, f"{len(during)} estimates without audio")
            within(0.5, worst, "an estimate")
            return worst, ""


@row(14, "microphone delivers nothing permanently", "`stalled`; less than 2 % of a CPU; watchdog fed; recovers")
def nothing_for_ever():
    seconds = float(os.environ.get("FAULTS_NOTHING_SECONDS", "20"))
    with SoundServer() as server:
        daemon, listener = listening(server, environment={"WATCHDOG_USEC": "2000000"})
        with daemon:
            begin = time.monotonic()
            server.starve()
            listener.wait_state("stalled", begin, 3)
            before, since = daemon.cpu_seconds(), time.monotonic()
            time.sleep(seconds)
            share = (daemon.cpu_seconds() - before) / (time.monotonic() - since)
            fed = daemon.signs_of_life(begin)
            gaps = [b - a for a, b in zip(fed, fed[1:])]
            server.feed()
            worst = listener.wait_fresh(time.monotonic())
            balance(daemon, listener)
            require(share < 0.02, f"{share:.1%} of a CPU")
            require(max(gaps) < 2, f"the watchdog got no message for {max(gaps):.1f} s")
            return worst, f"{seconds:g} s of nothing: {share:.2%} CPU, watchdog at most {max(gaps):.1f} s apart"


@row(
    15,
    "daemon stopped for 1.5 s, for 5 s",
    "caught up, or skipped and reported; 2 s later no estimate is older than 300 ms",
)
def daemon_stopped():
    worst, notes = 0, []
    with SoundServer() as server:
        daemon, listener = listening(server)
        with daemon:
            for seconds in (1.5, 5):
                time.sleep(1)
                daemon.send(signal.SIGSTOP)
                time.sleep(seconds)
                end = time.monotonic()
                daemon.send(signal.SIGCONT)
                worst = max(worst, listener.wait_fresh(end))
                time.sleep(4)
                estimates = [(t, m["lag_ms"]) for t, m in listener.since(end, "estimate") if not m["final"]]
                late = sorted(lag for t, lag in estimates if t >= end + 2)
                skipped = sum(m["samples"] for _, m in listener.since(end, "overrun") if m["cause"] == "stale")
                oldest = max(lag for _, lag in estimates)
                within(0.3, late[int(len(late) * 0.99)] / 1_000, "2 s later an estimate")
                within(2.5, oldest / 1_000, "the oldest estimate")
                notes.append(f"{seconds:g} s: {skipped / RATE:.1f} s skipped, oldest estimate {oldest:.0f} ms")
            balance(daemon, listener)
    return worst, "; ".join(notes)


@row(16, "every CPU busy, 10 s", "no overrun of the ring; skipped samples are counted")
def starved():
    with SoundServer() as server:
        daemon, listener = listening(server)
        with daemon:
            burners = [
                subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2 * (os.cpu_count() or 1))
            ]
            begin = time.monotonic()
            time.sleep(10)
            for burner in burners:
                burner.kill()
                burner.wait()
            lags = sorted(m["lag_ms"] for _, m in listener.since(begin, "estimate") if not m["final"])
            full = [m for _, m in listener.since(begin, "overrun") if m["cause"] == "ring_full"]
            lost = balance(daemon, listener)
            require(not full, f"the ring overran {len(full)} times")
            late = lags[int(len(lags) * 0.99)]
            return None, f"{len(burners)} busy programs: p99 age {late:.0f} ms, {lost} samples skipped"


@row(17, "other rates, channels and formats", "each is analysed; the same label for the same words")
def formats():
    words = speech()
    labels = {}
    for rate, channels, format in [
        (16_000, 1, "s16le"),
        (44_100, 1, "s16le"),
        (48_000, 2, "s16le"),
        (48_000, 1, "s32le"),
        (48_000, 2, "float32le"),
        (8_000, 1, "s16le"),
    ]:
        pcm = converted(words, rate, channels, format)
        # With slack, because this row compares labels and not times.
        with SoundServer(rate=rate, channels=channels, format=format, pcm=pcm, slack_seconds=1) as server:
            daemon = Daemon("pulse:mic0", environment=server.environment())
            with daemon:
                listener = Listener(daemon.path)
                ends = lambda: [m for _, m in listener.since(0, "utterance") if m["event"] == "end"]
                wait_until(lambda: len(ends()) >= 4, 40, f"the 4th utterance at {rate} Hz")
                # The first utterance may begin in the middle of a word, and the cycle of three at any recording.
                final = [m["estimate"]["label"] for m in ends()[1:4]]
                turn = min(final[i:] + final[:i] for i in range(3))
                labels[f"{rate}/{channels}/{format}"] = turn
                balance(daemon, listener)
    wide = {name: value for name, value in labels.items() if not name.startswith("8000")}
    require(len({tuple(value) for value in wide.values()}) == 1, f"labels differ: {labels}")
    return None, f"{len(labels)} formats, labels {', '.join(map(str, next(iter(wide.values()))))}"


def converted(pcm, rate, channels, format):
    """PCM at another rate, width and number of channels, by sox."""
    shape = {"s16le": ("16", "signed"), "s32le": ("32", "signed"), "float32le": ("32", "floating-point")}[format]
    command = ["sox", "-t", "raw", "-r", str(RATE), "-e", "signed", "-b", "16", "-c", "1", "-"]
    command += ["-t", "raw", "-r", str(rate), "-e", shape[1], "-b", shape[0], "-c", str(channels), "-"]
    try:
        return subprocess.run(command, input=pcm, capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise Skipped("sox is not installed") from None


@row(19, "wall clock set one hour ahead, to 1970, to 2038", "audio time continues; no loss; only `wall` jumps")
def wall_clock():
    library = next(
        (
            p
            for p in [
                "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
                "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1",
            ]
            if os.path.exists(p)
        ),
        None,
    )
    if library is None:
        raise Skipped("libfaketime is not installed")
    with SoundServer() as server, tempfile.NamedTemporaryFile("w", suffix=".time") as clock:

        def set_clock(text):
            with open(clock.name, "w") as file:
                file.write(text + "\n")

        set_clock("+0")
        fake = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": clock.name,
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        # Starts through `env`, because libfaketime enlarges the first program's environment, where Swift looks for
        # arguments.
        daemon, listener = listening(server, environment=fake, wrapper=("env",))
        with daemon:
            before = daemon.cpu_seconds()
            for moment in ("+1h", "-1h", "1970-01-02 00:00:00", "2038-01-19 03:14:00", "+0"):
                set_clock(moment)
                time.sleep(1.5)
            share = (daemon.cpu_seconds() - before) / 7.5
            estimates = [m for _, m in listener.since(0, "estimate") if not m["final"]]
            years = sorted({m["wall"][:4] for m in estimates})
            ends = [m["span"][1] for m in estimates]
            require(all(a < b for a, b in zip(ends, ends[1:])), "audio time went back")
            require({"1970", "2038"} <= set(years), f"the clock did not jump: {years}")
            require(not listener.since(0, "overrun"), "sound was lost")
            lost = balance(daemon, listener)
            require(lost <= RATE, f"{lost} samples were lost")
            return None, f"years {', '.join(years)}; {share:.1%} CPU"


@row(20, "another monotonic clock (time namespace, +100,000 s)", "no effect")
def monotonic_clock():
    wrapper = ("unshare", "--time", "--monotonic", "100000", "--boottime", "100000", "--fork", "--kill-child")
    if subprocess.run([*wrapper, "true"], capture_output=True).returncode != 0:
        raise Skipped("this user may not create a time namespace")
    with SoundServer() as server:
        daemon, listener = listening(server, wrapper=wrapper)
        with daemon:
            time.sleep(2)
            lags = [m["lag_ms"] for _, m in listener.since(0, "estimate") if not m["final"]]
            require(max(lags) < 500 and min(lags) >= 0, f"estimates are {min(lags):.0f} to {max(lags):.0f} ms old")
            balance(daemon, listener)
            return None, f"age of estimates {min(lags):.0f} to {max(lags):.0f} ms"


@row(21, "real-time scheduling refused", "the daemon starts; one log line")
def no_real_time():
    def limits():
        resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))

    wrapper = ("setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice") if os.geteuid() == 0 else ()
    microphone = ScriptedMicrophone()
    daemon = Daemon(microphone.device, environment=microphone.environment(), limits=limits, wrapper=wrapper)
    with microphone, daemon:
        listener = Listener(daemon.path)
        listener.wait_fresh(time.monotonic())
        time.sleep(1)
        lines = [line for line in daemon.log().splitlines() if "real-time" in line]
        balance(daemon, listener)
        require(len(lines) == 1, f"{len(lines)} lines about it")
        return None, lines[0].split("undertoned")[-1].strip(" :")


def capture_thread(daemon):
    tasks = f"/proc/{daemon.pid}/task"
    for task in os.listdir(tasks):
        with open(f"{tasks}/{task}/comm") as file:
            if file.read().strip() == "capture":
                return int(task)
    raise Failed("the daemon has no capture thread")


@row(22, "a driver that spins in the real-time thread", "an ordinary thread within 300 ms; one log line; sound again")
def runaway():
    microphone, daemon, listener = scripted("readi@80=spin:1500")
    with microphone, daemon:
        thread = capture_thread(daemon)
        if os.sched_getscheduler(thread) != os.SCHED_FIFO:
            raise Skipped("no permission for real-time scheduling here")
        begin = microphone.wait("spin")[0]
        wait_until(lambda: os.sched_getscheduler(thread) == os.SCHED_OTHER, 2, "the end of its priority")
        demoted = time.monotonic() - begin
        worst = listener.wait_fresh(begin + 1.5)
        balance(daemon, listener)
        within(0.3, demoted, "demoted")
        time.sleep(1)
        lines = [line for line in daemon.log().splitlines() if "real-time" in line]
        require(len(lines) == 1, f"{len(lines)} lines about it")
        return worst, f"an ordinary thread after {milliseconds(demoted)}"
