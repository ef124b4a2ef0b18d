#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Converts text to visemes (mouth shapes), for the orofacial study.

    tools/visemes/visemes.py en-us sentences.csv > visemes.csv       needs Debian's package espeak-ng

Reads a table with the columns `sentence` (the corpus's name for it) and `text`, and adds `visemes`: for each phoneme that
eSpeak NG finds in the text the number of its viseme in MPEG-4 (ISO/IEC 14496-2, table of visemes; 0 is a closed, resting
mouth), in order, separated by blanks. Diphthongs are two visemes.
"""
import csv
import subprocess
import sys

MPEG4 = {
    1: "p b m", 2: "f v", 3: "θ ð", 4: "t d ɾ", 5: "k ɡ g ŋ", 6: "tʃ dʒ ʃ ʒ", 7: "s z", 8: "n l ɫ",
    9: "ɹ r ɚ ɜ", 10: "ɑ a ʌ æ ɐ", 11: "e ɛ", 12: "i ɪ j", 13: "o ɔ ɒ", 14: "u ʊ w",
    # No specific lips or jaw: the mouth at rest.
    0: "ə h ʔ",
}
VISEME = {phoneme: number for number, phonemes in MPEG4.items() for phoneme in phonemes.split()}
MARKS = "ˈˌːˑ"


def phonemes(text: str, voice: str) -> list[str]:
    spoken = subprocess.run(["espeak-ng", "-q", "--ipa", "--sep= ", "-v", voice, text],
                            check=True, capture_output=True, text=True)
    return spoken.stdout.split()


def visemes(phoneme: str) -> list[int]:
    rest, numbers = "".join(letter for letter in phoneme if letter not in MARKS), []
    while rest:
        length = next((length for length in (2, 1) if rest[:length] in VISEME), None)
        if length is None:
            sys.exit(f"visemes.py: no viseme is known for '{rest}' in '{phoneme}'; add it to the table")
        numbers.append(VISEME[rest[:length]])
        rest = rest[length:]
    return numbers


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit("usage: visemes.py VOICE sentences.csv (a table with the columns sentence and text)")
    _, voice, path = sys.argv
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"sentence", "text"} <= rows[0].keys():
        sys.exit(f"visemes.py: {path} must have the columns sentence and text, and at least one row")
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(["sentence", "text", "visemes"])
    for row in rows:
        numbers = [number for phoneme in phonemes(row["text"], voice) for number in visemes(phoneme)]
        out.writerow([row["sentence"], row["text"], " ".join(map(str, numbers))])


if __name__ == "__main__":
    main()
