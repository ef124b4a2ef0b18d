# SPDX-License-Identifier: Apache-2.0
"""Writes the origin of golden files next to them, so that they can be reproduced."""
import json
import pathlib
import platform
from importlib.metadata import version

FIXTURES = pathlib.Path(__file__).resolve().parents[2] / "Tests" / "Fixtures" / "golden"


def write(folder: pathlib.Path, script: str, packages: list[str], file: str = "provenance.json", **more) -> None:
    record = {
        "made by": f"tools/golden/{script}",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        **more,
    }
    (folder / file).write_text(json.dumps(record, indent=2) + "\n")
