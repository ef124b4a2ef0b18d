# SPDX-License-Identifier: Apache-2.0
"""Rows 24 to 37: faults that clients, other users and other daemons cause on the sockets.

One short function for each row, in the order of the table; hence the length.
"""

import fcntl
import os
import resource
import socket
import stat
import struct
import subprocess
import threading
import time

from rig.daemon import Daemon, Lines, require, wait_until
from rig.listener import Listener
from rig.rows import FINE, Skipped, balance, milliseconds, row, within
from rig.sound import RATE, ScriptedMicrophone, SoundServer, speech

SUBSCRIBE = b'{"type":"subscribe","id":1,"events":["estimate","vad","state"]}\n'


def connected(path, request=b""):
    """A bare connection that has sent `request` and read nothing."""
    client = socket.socket(socket.AF_UNIX)
    # Without a timeout, because with one a full backlog would be an error instead of a wait.
    client.connect(path)
    client.settimeout(20)
    if request:
        client.sendall(request)
    return client


def rest_of(client):
    """The remaining bytes of a connection, and True if it has ended."""
    data = b""
    try:
        while chunk := client.recv(1 << 16):
            data += chunk
        return data, True
    except ConnectionResetError:
        return data, True
    except (BlockingIOError, TimeoutError):
        return data, False


class Fast:
    """A daemon that reads speech from a pipe faster than real time: a thousand estimates a second."""

    def __init__(self, *options, times=50):
        self.daemon = Daemon("stdin", *FINE, *options, stdin=subprocess.PIPE)
        self.pcm, self.rate = speech(), RATE * 2 * times
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.feed, daemon=True)

    def feed(self):
        begin, sent, piece = time.monotonic(), 0, self.rate // 100
        while not self.stopping.is_set():
            place = sent % len(self.pcm)
            chunk = self.pcm[place : place + piece]
            try:
                os.write(self.daemon.process.stdin.fileno(), chunk)
            except OSError:
                return
            sent += len(chunk)
            time.sleep(max(0.0, begin + sent / self.rate - time.monotonic()))

    def __enter__(self):
        self.daemon.__enter__()
        return self

    def __exit__(self, *error):
        self.stopping.set()
        self.daemon.__exit__(*error)
        self.thread.join()


@row(
    24,
    "10 clients that stand still, 1,000 messages a second",
    "good clients lose nothing; 256 KiB each; closed, told what they lost",
)
def stopped_clients():
    with Fast() as fast:
        daemon = fast.daemon
        good = [Listener(daemon.path) for _ in range(10)]
        fast.thread.start()
        time.sleep(5)
        before = daemon.rss_kib()
        stopped = [connected(daemon.path, SUBSCRIBE) for _ in range(10)]
        peak = before
        for _ in range(180):
            time.sleep(0.1)
            peak = max(peak, daemon.rss_kib())
        fast.stopping.set()
        time.sleep(1)
        told = 0
        for client in stopped:
            client.settimeout(2)
            data, ended = rest_of(client)
            lines = data.split(b"\n")
            told += (
                ended and b'"type":"gap"' in data and b'"type":"bye","why":"slow_client"' in lines[-2] and not lines[-1]
            )
        count = sum(len(client.since(0, "estimate")) for client in good)
        require(daemon.is_alive(), "the daemon ended")
        require(all(r.holes == 0 and r.dropped == 0 for r in good), "a good client lost messages")
        require(told == 10, f"{told} of 10 found a gap and a farewell")
        require(peak - before <= 10 * 400, f"{peak - before} KiB for 10 stopped clients")
        return (
            None,
            f"{count} estimates to good clients, 0 lost; 10 of 10 closed and told; {(peak - before) / 10:.0f} KiB each",
        )


@row(25, "clients killed in the middle of a line, 1,000 times", "same process; descriptors back to where they were")
def killed_clients():
    with Fast() as fast:
        daemon = fast.daemon
        good = Listener(daemon.path)
        daemon.status()
        fast.thread.start()
        time.sleep(1)
        before = daemon.descriptors()
        for _ in range(1_000):
            client = connected(daemon.path, SUBSCRIBE)
            # A reset instead of a close: unread bytes are discarded while the daemon writes.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
        wait_until(lambda: daemon.descriptors() <= before, 5, "descriptors as before")
        require(good.holes == 0 and good.dropped == 0, "a good client lost messages")
        return None, f"{before} descriptors before and after"


@row(
    26,
    "5,000 idle clients; more than are accepted",
    "at most 4 KiB each; less than 1 % of a CPU while nothing happens; the rest refused with a reason",
)
def many_clients():
    count = 5_000
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < count + 100:
        raise Skipped("this user may not hold 5,000 sockets")
    options = ("--clients-max", str(count + 5), "--clients-max-per-user", str(count + 5))
    microphone = ScriptedMicrophone()
    daemon = Daemon(microphone.device, *options, environment=microphone.environment())
    with microphone, daemon:
        listener = Listener(daemon.path)
        listener.wait_fresh(time.monotonic())
        calm = cpu_share(daemon, 5)
        before, begin = daemon.rss_kib(), time.monotonic()
        # Events that do not occur meanwhile, so that the clients are idle.
        crowd = [connected(daemon.path, b'{"type":"subscribe","events":["overrun"]}\n') for _ in range(count)]
        wait_until(lambda: daemon.status()["clients"] >= count, 20, f"{count} clients")
        seconds = time.monotonic() - begin
        each = (daemon.rss_kib() - before) / count
        busy = cpu_share(daemon, 5)
        extra = [Lines(daemon.path) for _ in range(10)]
        refusals = [line for line in (client.next() for client in extra) if line and line["type"] == "error"]
        lost = listener.since(0, "overrun")
        balance(daemon, listener)
        idle = cpu_share(daemon, 5)
        for client in crowd:
            client.close()
        require(not lost, "sound was lost")
        require(refusals and refusals[0]["code"] == "too_many_clients", "no client was refused")
        require(each <= 4, f"{each:.2f} KiB each")
        require(idle < 0.01, f"{idle:.1%} of a CPU while idle")
        shares = f"CPU {idle:.1%} muted; {calm:.1%} → {busy:.1%} with events without subscription"
        return None, f"{each:.2f} KiB each, in {seconds:.1f} s; {shares}; {len(refusals)} refused"


def cpu_share(process, seconds):
    before, begin = process.cpu_seconds(), time.monotonic()
    time.sleep(seconds)
    return (process.cpu_seconds() - before) / (time.monotonic() - begin)


@row(27, "no descriptor left", "callers are hung up on; no spinning; clients served; the microphone can be reopened")
def no_descriptors():
    def limits():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    microphone = ScriptedMicrophone("readi@400=unplug:2")
    daemon = Daemon(microphone.device, *FINE, environment=microphone.environment(), limits=limits)
    with microphone, daemon:
        listener = Listener(daemon.path)
        daemon.status()
        listener.wait_fresh(time.monotonic())
        calm = cpu_share(daemon, 2)
        crowd = [connected(daemon.path) for _ in range(200)]
        busy = cpu_share(daemon, 3)
        shed = 0
        for client in crowd:
            client.settimeout(0.2)
            shed += rest_of(client)[1]
        begin = microphone.wait("unplug")[0]
        opened = wait_until(lambda: [e for e in microphone.events("opened") if e[0] > begin], 10, "a reopening")[0][0]
        worst = listener.wait_fresh(opened)
        balance(daemon, listener)
        require(shed > 100, f"{shed} of 200 connections were closed")
        require(busy - calm < 0.02, f"{calm:.1%} of a CPU became {busy:.1%}")
        return worst, f"{shed} of 200 connections closed, CPU {calm:.1%} → {busy:.1%}, microphone opened again meanwhile"


@row(28, "64 MiB without a newline", "refused at 4,096 bytes within 100 ms; at most 64 KiB of memory")
def endless_line():
    with Daemon("alsa:nobody_has_this") as daemon:
        listener = Listener(daemon.path)
        # The first run of each kind loads code that was not used before.
        shout_without_end(daemon.path)
        before, results = daemon.rss_kib(), []
        for _ in range(20):
            results.append(shout_without_end(daemon.path))
        growth, worst = daemon.rss_kib() - before, max(seconds for seconds, *_ in results)
        require(all(b'"too_long"' in data for _, _, data in results), "no reason was given")
        require(growth <= 64, f"{growth} KiB more memory")
        within(0.1, worst, "closed")
        require(not listener.ended, "another client was closed")
        return None, f"20 times: closed after {milliseconds(worst)} at most, {growth} KiB more memory in all"


def shout_without_end(path):
    """Sends zeros until the daemon closes; returns the seconds, the bytes sent, and the answer."""
    client = connected(path)
    begin, sent, data, ended = time.monotonic(), 0, b"", False
    client.setblocking(False)
    while not ended:
        require(time.monotonic() < begin + 5, "it was not closed")
        try:
            sent += client.send(bytes(65_536))
        except BlockingIOError:
            pass
        except OSError:
            ended = True
        more, over = rest_of(client)
        data, ended = data + more, ended or over
    client.close()
    return time.monotonic() - begin, sent, data


@row(
    29,
    "a request of one byte a second; a client that says nothing",
    "the first closed after 10 ± 1 s; the second stays",
)
def slow_request():
    with Daemon("alsa:nobody_has_this") as daemon:
        silent = connected(daemon.path)
        slow = connected(daemon.path)
        begin, ended, data = time.monotonic(), False, b""
        slow.settimeout(0.2)
        while not ended and time.monotonic() < begin + 15:
            try:
                slow.send(b"{"[:1])
            except OSError:
                ended = True
                break
            data, ended = rest_of(slow)
            time.sleep(0.8)
        seconds = time.monotonic() - begin
        silent.settimeout(0.2)
        require(ended, f"it was not closed within {seconds:.0f} s")
        require(9 <= seconds <= 11.5, f"it was closed after {seconds:.1f} s")
        require(not rest_of(silent)[1], "the silent client was closed")
        return None, f"closed after {seconds:.1f} s"


GARBAGE = [
    b"\xff\xfe\x00garbage",
    b"{",
    b"}" * 4_000,
    b"[" * 4_000,
    b'{"type":' + b'{"a":' * 700,
    b'{"type":"subscribe","id":1e400}',
    b'{"type":"subscribe","max_hz":-1e308}',
    b'{"type":"subscribe","queue":{"max":99999999999999999999}}',
    b'{"type":null}',
    b'{"type":"subscribe","type":"status"}',
    b'"' + b"\\u0000" * 600 + b'"',
    b'{"type":"\xed\xa0\x80"}',
    b"null",
    b"-",
    b"\x00" * 100,
    b'{"type":"subscribe","events":' + b"[" * 1_900 + b"]" * 1_900 + b"}",
    b'{"type":"unsubscribe","sub":"' + b"s" * 4_000 + b'"}',
]


@row(
    30,
    "garbage, broken UTF-8, deep nesting, numbers out of range",
    "an error line for each; no crash; at most a millisecond each",
)
def garbage():
    with Daemon("alsa:nobody_has_this") as daemon:
        answers, cpu = 0, daemon.cpu_seconds()
        for path in (daemon.path, daemon.control_path):
            for _ in range(100):
                client = Lines(path)
                client.next()
                for line in GARBAGE:
                    client.socket.sendall(line + b"\n")
                    answer = client.next()
                    require(answer is not None and answer["type"] == "error", f"{line[:40]!r} got {answer}")
                    answers += 1
                client.close()
        worst = (daemon.cpu_seconds() - cpu) / answers
        require(daemon.is_alive(), "the daemon ended")
        require(worst <= 0.001, f"{worst * 1e6:.0f} µs each")
        return None, f"{answers} lines, {worst * 1e6:.0f} µs CPU each with its connection"


@row(31, "a flood of requests", "no samples lost; other clients are served")
def flood():
    with SoundServer() as server:
        daemon = Daemon("pulse:mic0", *FINE, environment=server.environment())
        with daemon:
            listener = Listener(daemon.path)
            listener.wait_fresh(time.monotonic())
            stopping = threading.Event()
            sent = [0]

            def shout():
                client = connected(daemon.path)
                request = b'{"type":"unsubscribe","id":1,"sub":"s9"}\n' * 50
                client.setblocking(False)
                while not stopping.is_set():
                    try:
                        sent[0] += client.send(request) // 42
                    except BlockingIOError:
                        time.sleep(0.001)
                    except OSError:
                        return
                    rest_of(client)

            thread = threading.Thread(target=shout, daemon=True)
            thread.start()
            begin = time.monotonic()
            share = cpu_share(daemon, 5)
            stopping.set()
            thread.join()
            lags = sorted(m["lag_ms"] for _, m in listener.since(begin, "estimate") if not m["final"])
            lost = listener.since(begin, "overrun")
            balance(daemon, listener)
            late = lags[int(len(lags) * 0.99)]
            require(not lost, "sound was lost")
            require(share < 0.2, f"the flood costs {share:.0%} of a CPU")
            within(0.3, late / 1_000, "an estimate")
            return None, f"{sent[0] / 5:,.0f} requests/s sent, {share:.0%} CPU, p99 age {late:.0f} ms"


@row(32, "killed with -9; started again, 30 times", "answers within 1 s each time, with the same path")
def killed_daemon():
    with Daemon("alsa:nobody_has_this") as daemon:
        worst = 0
        for _ in range(30):
            daemon.process.kill()
            daemon.process.wait()
            require(os.path.exists(daemon.path), "a killed daemon leaves its socket")
            daemon.start()
            worst = max(worst, daemon.ready_after)
        within(1, worst, "an answer")
        return worst, "30 of 30"


@row(33, "a second daemon at the same path", "exit status 11 at once; the first is not disturbed")
def second_daemon():
    with Daemon("alsa:nobody_has_this") as daemon:
        listener = Listener(daemon.path)
        begin = time.monotonic()
        second = subprocess.run(daemon.command, env=daemon.environment, capture_output=True, text=True, timeout=10)
        seconds = time.monotonic() - begin
        require(second.returncode == 11, f"status {second.returncode}: {second.stderr.strip()}")
        require(not listener.ended and daemon.status()["type"] == "status", "the first was disturbed")
        require(len(second.stderr.strip().splitlines()) == 1, "more than one line")
        return None, f"refused after {milliseconds(seconds)}"


class Activated(Daemon):
    """A daemon whose sockets this process owns, like a service manager."""

    def __init__(self, *arguments, **more):
        self.held = []
        super().__init__(*arguments, wrapper=("sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@"'), **more)

    def start(self):
        if not self.held:
            for path in (self.path, self.control_path):
                listening = socket.socket(socket.AF_UNIX)
                listening.bind(path)
                listening.listen(1_024)
                self.held.append(listening)
            self.environment |= {"LISTEN_FDS": "2", "LISTEN_FDNAMES": "events:control"}
            self.popen["close_fds"] = False
            self.limits = self.hand_over
        super().start()

    def hand_over(self):
        # Moves them first, because the descriptors may be 3 and 4 in the wrong order.
        copies = [fcntl.fcntl(listening.fileno(), fcntl.F_DUPFD, 100) for listening in self.held]
        for place, copy in enumerate(copies):
            os.dup2(copy, 3 + place)
            os.close(copy)


@row(34, "20 restarts under socket activation while clients keep connecting", "no connection refused; each gets an answer")
def restarts():
    with Activated("alsa:nobody_has_this") as daemon:
        stopping = threading.Event()
        served, refused = [0], []

        def knock():
            while not stopping.is_set():
                try:
                    client = Lines(daemon.path, timeout=10)
                    answered = client.next() is not None
                    client.close()
                    served[0] += 1
                    if not answered:
                        refused.append("closed without hello")
                except OSError as error:
                    refused.append(repr(error))

        threads = [threading.Thread(target=knock, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        worst = 0
        for _ in range(20):
            status, _ = daemon.stop()
            require(status == 0, f"it ended with {status}")
            daemon.start()
            worst = max(worst, daemon.ready_after)
        stopping.set()
        for thread in threads:
            thread.join()
        hangups = refused.count("closed without hello")
        require(len(refused) == hangups, f"{len(refused) - hangups} of {served[0]} refused: {refused[-1:]}")
        require(hangups <= 4 * 20, f"{hangups} of {served[0]} closed")
        return worst, f"{served[0]} connections, 0 refused, {hangups} closed by a daemon that was ending"


@row(35, "the mode of the socket, watched through 100 starts", "never more permissive than the setting")
def mode_race():
    folder_modes, stopping = set(), threading.Event()
    with Daemon("alsa:nobody_has_this") as daemon:

        def watch():
            while not stopping.is_set():
                for name in (daemon.path, daemon.path + "~", daemon.control_path, daemon.control_path + "~"):
                    try:
                        folder_modes.add(stat.S_IMODE(os.stat(name).st_mode))
                    except FileNotFoundError:
                        pass

        def careless():
            os.umask(0)

        daemon.limits = careless
        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        for _ in range(100):
            daemon.stop()
            daemon.start()
        stopping.set()
        thread.join()
    require(folder_modes == {0o600}, f"modes {', '.join(map(oct, folder_modes))}")
    return None, "0600 in each of 100 starts with umask 0"


@row(36, "another user connects", "refused by the file's mode; on the control socket also by user id")
def another_user():
    if os.geteuid() != 0:
        raise Skipped("needs root, to switch to another user")
    with Daemon("alsa:nobody_has_this") as daemon:
        os.chmod(daemon.folder, 0o755)
        closed = as_another_user(daemon.path)
        require("PermissionError" in closed, f"the event socket accepted the user: {closed}")
        # Even with a permissive mode.
        os.chmod(daemon.control_path, 0o666)
        answer = as_another_user(daemon.control_path)
        require("not_permitted" in answer and '"hello"' not in answer, f"the control socket answered: {answer}")
        return None, "events: permission denied; control, with a permissive mode: `not_permitted`"


def as_another_user(path):
    code = (
        "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ntry:\n s.connect(sys.argv[1]); s.settimeout(2)\n"
        " while d:=s.recv(4096): print(d.decode())\nexcept Exception as e: print(repr(e))"
    )
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "/usr/bin/python3", "-c", code, path]
    return subprocess.run(command, capture_output=True, text=True, timeout=20).stdout


@row(
    37,
    "an invalid socket path: too long, a file, a link, no folder",
    "a message, exit status 10; no file is changed",
)
def bad_paths():
    with Daemon("alsa:nobody_has_this") as daemon:
        precious = f"{daemon.folder}/precious"
        with open(precious, "w") as file:
            file.write("precious")
        os.symlink(precious, f"{daemon.folder}/link")
        for path in (
            f"{daemon.folder}/{'x' * 100}",
            precious,
            f"{daemon.folder}/link",
            f"{daemon.folder}/none/u.sock",
            "/proc/u.sock",
        ):
            command = [word if word != daemon.path else path for word in daemon.command]
            result = subprocess.run(command, env=daemon.environment, capture_output=True, text=True, timeout=10)
            require(result.returncode in (8, 10), f"{path}: status {result.returncode}")
            require(len(result.stderr.strip().splitlines()) == 1, f"{path}: {result.stderr}")
        with open(precious) as file:
            require(file.read() == "precious" and os.path.islink(f"{daemon.folder}/link"), "a file was touched")
        return None, "5 of 5 refused"
