# SPDX-License-Identifier: Apache-2.0
"""Writes every format with `undertone analyze` and opens it with a program that others have made."""
import csv, json, math, pathlib, re, subprocess, sys, time

program, folder = sys.argv[1], pathlib.Path(sys.argv[2]).resolve()
speech = sorted(pathlib.Path("Tests/Fixtures/speech").resolve().glob("*.opus"))


def run(*words):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    check(result.returncode == 0, f"{words[0]} ends with {result.returncode}: {result.stderr.strip()}")
    return result.stdout


def check(holds, sentence):
    if not holds:
        sys.exit(f"test-formats: {sentence}")


def record():
    """A conversation of the three recordings, and an hour of it as FLAC."""
    silence = ["-f", "lavfi", "-t", "1", "-i", "anullsrc=r=16000:cl=mono"]
    inputs = silence + [word for file in speech for word in ("-i", file)]
    talk, hour = folder / "talk.wav", folder / "hour.flac"
    graph = f"[0]asplit={len(speech)}" + "".join(f"[s{i}]" for i in range(len(speech))) + ";" + "".join(
        f"[{i + 1}]aresample=16000,aformat=channel_layouts=mono[a{i}];" for i in range(len(speech)))
    graph += "".join(f"[s{i}][a{i}]" for i in range(len(speech))) + f"concat=n={2 * len(speech)}:v=0:a=1"
    run("ffmpeg", "-v", "error", "-y", *inputs, "-filter_complex", graph, "-ar", "16000", talk)
    run("ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", talk, "-t", "3600", hour)
    return talk, hour


def open_textgrid(path, rows):
    script = folder / "read.praat"
    script.write_text(
        f'Read from file: "{path}"\nn = Get number of intervals: 1\nappendInfoLine: n\n'
        "for i to n\n a = Get start time of interval: 1, i\n t$ = Get label of interval: 1, i\n"
        ' if t$ <> ""\n  appendInfoLine: fixed$ (a, 3), " ", t$\n endif\nendfor\n')
    lines = run("praat", "--run", script).split("\n")
    found = [line.split(" ", 1) for line in lines[1:] if line]
    check(len(found) == len(rows), f"Praat finds {len(found)} labels, not {len(rows)}")
    for (start, label), row in zip(found, rows):
        check(math.isclose(float(start), float(row["start_s"]), abs_tol=0.002), f"Praat reads the start {start}")
        check(label == (row["label"] or f"({row['why']})"), f"Praat reads the label {label}")
    return re.sub(r"\s+", " ", run("praat", "--version")).strip()


def open_subtitles(path, rows):
    cues = run("ffprobe", "-v", "error", "-show_entries", "packet=pts_time,duration_time", "-of", "csv=p=0", path)
    times = [float(line.split(",")[0]) for line in cues.split("\n") if line]
    check(len(times) == len(rows), f"ffmpeg finds {len(times)} cues in {path.name}, not {len(rows)}")
    for found, row in zip(times, rows):
        check(math.isclose(found, float(row["start_s"]), abs_tol=0.002), f"ffmpeg reads the start {found}")
    run("ffmpeg", "-v", "error", "-y", "-i", path, folder / ("again" + path.suffix))
    return run("ffmpeg", "-version").split("\n")[0].split(" Copyright")[0]


def open_rttm(path, rows):
    import importlib.metadata
    from pyannote.database.util import load_rttm
    annotation = load_rttm(str(path))["talk"]
    found = [(segment.start, label) for segment, _, label in annotation.itertracks(yield_label=True)]
    check(len(found) == len(rows), f"pyannote finds {len(found)} segments, not {len(rows)}")
    for (start, label), row in zip(found, rows):
        check(math.isclose(start, float(row["start_s"]), abs_tol=0.002), f"pyannote reads the start {start}")
        check(label == (row["label"] or "no_label"), f"pyannote reads the label {label}")
    return "pyannote.database " + importlib.metadata.version("pyannote.database")


def open_page(page, name, recordings):
    """Opens a page from its file, scrolls, hovers and takes screenshots."""
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for scheme in ("light", "dark"):
            tab = browser.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 800})
            problems = []
            tab.on("pageerror", lambda error: problems.append(str(error)))
            tab.on("console", lambda line: problems.append(line.text)
                   if line.type == "error" and "ERR_FILE_NOT_FOUND" not in line.text else None)
            tab.goto(page.as_uri())
            tab.wait_for_timeout(800)
            check(not problems, f"{page.name}: {problems}")
            check(tab.locator("section").count() == recordings, f"{page.name} shows other recordings than it holds")
            canvas = tab.locator("canvas").first
            canvas.hover(position={"x": 180, "y": 150})
            shown = tab.locator("#tip").inner_text()
            check("utterance" in shown or "no speech" in shown, f"hovering says '{shown}'")
            tab.screenshot(path=folder / f"{name}-{scheme}.png")
            frames = tab.evaluate(
                """async () => {
                  const strip = document.querySelector('.strip'), times = [];
                  let last = performance.now();
                  for (let i = 0; i < 120; i++) {
                    strip.scrollLeft += 40;
                    await new Promise(requestAnimationFrame);
                    times.push(performance.now() - last);
                    last = performance.now();
                  }
                  return times.sort((a, b) => a - b);
                }""")
            audio = tab.evaluate("[...document.querySelectorAll('audio')].map((a) => a.readyState)")
            check(not problems, f"{page.name}: {problems}")
            print(f"  {name}, {scheme}: median frame {frames[60]:.1f} ms, 95 % {frames[114]:.1f} ms, audio {audio}")
            tab.close()
        version = browser.version
        browser.close()
    return "Chromium " + version


talk, hour = record()
out = folder / "out"
page, drawing = folder / "page.html", folder / "drawing.svg"
run(program, "analyze", "--format", "csv,jsonl,srt,vtt,textgrid,elan,rttm", "--out", out, "--html", page, "--svg", drawing,
    talk, *speech)
with open(out / "utterances.csv", newline="") as file:
    rows = [row for row in csv.DictReader(file) if row["file"] == str(talk)]
check(len(rows) == len(speech), f"the conversation has {len(rows)} utterances, not {len(speech)}")
lines = [json.loads(line) for line in (out / "utterances.jsonl").read_text().split("\n") if line]
check([line["start_s"] for line in lines[:len(rows)]] == [float(row["start_s"]) for row in rows], "CSV and JSON differ")
print("TextGrid:", open_textgrid(out / "talk.TextGrid", rows))
print("SRT:", open_subtitles(out / "talk.srt", rows))
print("WebVTT:", open_subtitles(out / "talk.vtt", rows))
print("RTTM:", open_rttm(out / "utterances.rttm", rows))
print("HTML:", open_page(page, "page", 1 + len(speech)))
began = time.monotonic()
run(program, "analyze", "--html", folder / "hour.html", "--svg", folder / "hour.svg", hour)
size = (folder / "hour.html").stat().st_size
print(f"an hour: {time.monotonic() - began:.0f} s, {size / 1e6:.2f} MB of HTML")
check(size < 3e6, f"an hour takes {size} bytes of HTML")
print("HTML:", open_page(folder / "hour.html", "hour", 1))
import xml.dom.minidom
for path in (drawing, folder / "hour.svg"):
    xml.dom.minidom.parse(str(path))
print(f"SVG: {drawing.stat().st_size / 1e3:.0f} kB, an hour {(folder / 'hour.svg').stat().st_size / 1e3:.0f} kB; well-formed")
print("all files are in", folder)
