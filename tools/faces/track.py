# SPDX-License-Identifier: Apache-2.0
"""Converts a folder of videos to face series: one CSV file for each video, for `undertone-train`.

    venv/bin/python track.py VIDEOS OUT

The landmarks are MediaPipe's face mesh, reduced to the 68 points of the 300-W layout; see README.md. A video that
cannot be read or shows no face is reported, and the exit status is 1; the other videos are still written.
"""

import argparse
import csv
import os
import pathlib
import sys

import cv2
import mediapipe

# The trainer skips frames below this confidence. The mesh does not return its score, so the tracker is configured to
# drop faces below it.
LEAST_CONFIDENCE = 0.8

# The usual vertex for each of the 68 points: jaw line, brows, nose, eyes, mouth.
VERTICES = (
    [162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389]
    + [71, 63, 105, 66, 107, 336, 296, 334, 293, 301]
    + [168, 197, 5, 4, 75, 97, 2, 326, 305]
    + [33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380]
    + [61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181]
    + [78, 82, 13, 312, 308, 317, 14, 87]
)

# The same points in a mirror: the left corner of the left eye is the right corner of the right one.
MIRRORED = (
    [*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, *range(35, 30, -1)]
    + [45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40]
    + [*range(54, 47, -1), *range(59, 54, -1), *range(64, 59, -1), 67, 66, 65]
)

COLUMNS = ["frame", "timestamp", "confidence", "success"] + [
    f"{axis}_{point}" for axis in "xyXYZ" for point in range(len(VERTICES))
]

SUFFIXES = {".avi", ".flv", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".webm"}


def face_mesh():
    """A tracker for one video: tracks the first face that it finds."""
    return mediapipe.solutions.face_mesh.FaceMesh(
        max_num_faces=1,
        # The attention model locates eyes and lips better, which show the expression.
        refine_landmarks=True,
        min_detection_confidence=LEAST_CONFIDENCE,
        min_tracking_confidence=LEAST_CONFIDENCE,
    )


def frames(path):
    """Yields the seconds and the picture of each frame."""
    video = cv2.VideoCapture(str(path))
    if not video.isOpened():
        raise OSError("OpenCV cannot read it")
    rate = video.get(cv2.CAP_PROP_FPS)
    if not 1 <= rate <= 1000:
        raise OSError(f"its frame rate is {rate}")
    index = 0
    while True:
        is_read, picture = video.read()
        if not is_read:
            break
        yield index / rate, picture
        index += 1
    video.release()


def coordinates(mesh, picture, mirror):
    """The 68 points in pixels as columns x, y, X, Y, Z, or None without a face.

    Depth is on the scale of x, so that a face turns in space as one piece; its zero is about the head's middle.
    """
    height, width = picture.shape[:2]
    picture = cv2.cvtColor(picture[:, ::-1] if mirror else picture, cv2.COLOR_BGR2RGB)
    found = mesh.process(picture).multi_face_landmarks
    if not found:
        return None
    points = [found[0].landmark[vertex] for vertex in VERTICES]
    places = [(point.x * width, point.y * height, point.z * width) for point in points]
    if mirror:
        places = [(width - 1 - x, y, z) for x, y, z in (places[point] for point in MIRRORED)]
    x, y, z = ([f"{place[axis]:.2f}" for place in places] for axis in range(3))
    return x + y + x + y + z


def track(path, target, mirror):
    """Writes the series of one video and returns the numbers of its frames and of those with a face."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # An interrupted run must not leave a partial file.
    partial = target.with_name(target.name + ".part")
    count = usable = 0
    nothing = ["0"] * (len(COLUMNS) - 4)
    try:
        with open(partial, "w", newline="") as file, face_mesh() as mesh:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for seconds, picture in frames(path):
                found = coordinates(mesh, picture, mirror)
                sure = int(found is not None)
                count, usable = count + 1, usable + sure
                writer.writerow([count, f"{seconds:.4f}", sure, sure] + (found or nothing))
        if usable == 0:
            raise OSError(f"no face in {count} frames")
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return count, usable


def main():
    parser = argparse.ArgumentParser(description="Turn a folder of videos into face series.")
    parser.add_argument("videos", type=pathlib.Path, help="folder, searched with its sub-folders")
    parser.add_argument("out", type=pathlib.Path, help="folder for the CSV files, laid out like VIDEOS")
    parser.add_argument("--mirror", action="store_true", help="track mirrored pictures, to compare the points")
    arguments = parser.parse_args()
    paths = sorted(p for p in arguments.videos.rglob("*") if p.suffix.lower() in SUFFIXES)
    if not paths:
        sys.exit(f"{arguments.videos} contains no video ({', '.join(sorted(SUFFIXES))})")
    failures = 0
    targets = set()
    for path in paths:
        name = path.relative_to(arguments.videos)
        target = (arguments.out / name).with_suffix(".csv")
        try:
            if target in targets:
                raise OSError(f"another video has the same output {target}")
            targets.add(target)
            count, usable = track(path, target, arguments.mirror)
            print(f"{name}: {count} frames, {usable} with a face", flush=True)
        except (OSError, cv2.error) as error:
            failures += 1
            print(f"{name}: skipped: {error}", file=sys.stderr, flush=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
