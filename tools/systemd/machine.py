# SPDX-License-Identifier: Apache-2.0
"""Environment of the daemon: systemctl, processes, settings."""

import os
import pathlib
import subprocess
import time

UNIT = "undertone.service"
SOCKETS = ["undertone.socket", "undertone-control.socket"]
SETTINGS = pathlib.Path("/etc/undertone/undertone.yaml")
LOCK = pathlib.Path("/run/undertone/mute-locked")
HOLDS = pathlib.Path("/var/lib/undertone/mute.json")


def systemctl(*words, check=True):
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True)
    if check and done.returncode != 0:
        raise RuntimeError(f"systemctl {' '.join(words)}: {done.stderr.strip()}")
    return done


def show(name, unit=UNIT):
    return systemctl("show", "--value", "-p", name, unit).stdout.strip()


def pid():
    return int(show("MainPID"))


def start_anew(**settings):
    """Starts the daemon with these settings in addition to the defaults, and resets its start counter."""
    stop()
    LOCK.unlink(missing_ok=True)
    HOLDS.unlink(missing_ok=True)
    configure(**settings)
    systemctl("start", *SOCKETS, UNIT)


def configure(**settings):
    values = {"device": "tone", **settings}
    SETTINGS.parent.mkdir(exist_ok=True)
    SETTINGS.write_text("".join(f"{key}: {value}\n" for key, value in values.items()))


def stop():
    systemctl("stop", UNIT, *SOCKETS, check=False)
    systemctl("reset-failed", UNIT, *SOCKETS, check=False)


def override(text, unit=UNIT):
    """Overrides lines of the unit until `override("")`."""
    folder = pathlib.Path(f"/run/systemd/system/{unit}.d")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "proof.conf").write_text(text)
    systemctl("daemon-reload")


class Session:
    """A user's service manager, as a login starts it."""

    def __init__(self, user=1001):
        self.user, self.runtime, home = user, f"/run/user/{user}", "/var/lib/listener"
        subprocess.run(["systemd-sysusers", "--inline", f'u listener {user} "" {home}'], check=True)
        for folder, mode in ((self.runtime, 0o700), (home, 0o700)):
            os.makedirs(folder, exist_ok=True)
            os.chmod(folder, mode)
            os.chown(folder, user, user)
        settings = pathlib.Path(home, ".config/undertone/undertone.yaml")
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text("device: tone\n")
        self.environment = [f"XDG_RUNTIME_DIR={self.runtime}", f"HOME={home}"]
        words = ["systemd-run", "-q", "--unit=listener", f"--uid={user}", "-p", "Delegate=yes", "-p", "Type=notify"]
        subprocess.run(
            words + [f"-E{pair}" for pair in self.environment] + ["/lib/systemd/systemd", "--user"], check=True
        )

    def control(self, *words):
        enter = ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", "env", *self.environment]
        done = subprocess.run([*enter, "systemctl", "--user", *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"systemctl --user {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def end(self):
        systemctl("stop", "listener.service")


def proc(name, of=None):
    return pathlib.Path(f"/proc/{of or pid()}/{name}").read_text()


def status_field(name, of=None):
    """One line of /proc/PID/status."""
    return next(line.split()[1] for line in proc("status", of).splitlines() if line.startswith(name + ":"))


def wait_until(condition, seconds=20):
    """Seconds until `condition` was true; raises an error on timeout."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if condition():
            return time.monotonic() - start
        time.sleep(0.01)
    raise TimeoutError(f"timed out after {seconds} s")


def journal(lines=40):
    """The newest log lines of the daemon and of systemd, without lines about clients."""
    units = [word for unit in [UNIT, *SOCKETS] for word in ("-u", unit)]
    words = ["journalctl", "-q", "--no-pager", "-o", "short-monotonic", "-n", "5000", *units]
    text = subprocess.run(words, capture_output=True, text=True).stdout
    told = [line for line in text.splitlines(keepends=True) if "client connected" not in line]
    return "".join(told[-lines:])
