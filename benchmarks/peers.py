"""Other tools beside ours: each in a process of its own, under one parent; peers in an environment of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def environment(folder: Path, packages: Sequence[str]) -> Path:
    """Python of an environment with these packages; made at the first call, kept in ``folder``."""
    python = folder / "bin" / "python"
    made = folder / "packages.txt"
    if not made.exists() or made.read_text().split() != list(packages):
        print(f"making an environment with {', '.join(packages)} in {folder}", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
        made.write_text("\n".join(packages))
    return python


def versions(python: Path, packages: Sequence[str]) -> str:
    """Installed versions, for the table's caption."""
    code = "import sys, importlib.metadata as m; print(', '.join(f'{p} {m.version(p)}' for p in sys.argv[1:]))"
    done = subprocess.run([python, "-c", code, *packages], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def measured(script: Path, *args: str, python: Path | None = None, **variables: str) -> dict[str, Any]:
    """Run a script that ends by printing one line of JSON; what it printed. Further variables go to its environment.

    Raises
    ------
    RuntimeError
        If it fails; the end of what it said is in the message.
    """
    command = [str(python or sys.executable), str(script), *args]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=os.environ | variables)
    if done.returncode:
        raise RuntimeError(f"{' '.join(args)}: {done.stderr.strip()[-800:]}")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found
