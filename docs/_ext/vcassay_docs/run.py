"""The directive ``run``: commands that a reader can copy, and what they really print."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

WIDTH = 92
TIMEOUT = 300
logger = logging.getLogger(__name__)


class Run(SphinxDirective):
    """Run commands in the page's own folder, one after another over the page, and show them with their output.

    ``:head:`` and ``:tail:`` cut long output, and say so; ``:status:`` is the exit status that is meant.
    """

    has_content = True
    option_spec: ClassVar[dict[str, Any]] = {
        "head": directives.nonnegative_int,
        "tail": directives.nonnegative_int,
        "status": directives.nonnegative_int,
        "quiet": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        """Run them."""
        folder = Path(self.env.app.doctreedir).parent / "run" / self.env.docname.replace("/", "-")
        if not self.env.temp_data.get("run"):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self.env.temp_data["run"] = True
        script = "\n".join(self.content)
        began = time.monotonic()
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder, env=_environment(), capture_output=True, text=True, timeout=TIMEOUT, check=False,
        )  # fmt: skip
        logger.info("ran in %.1f s: %s", time.monotonic() - began, script.splitlines()[0])
        if done.returncode != self.options.get("status", 0):
            raise self.error(
                f"ended with status {done.returncode}: {script}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
            )
        asked = nodes.literal_block(script, script, language="console" if "$ " in script else "bash")
        asked["classes"].append("asked")
        self.set_source_info(asked)
        if "quiet" in self.options or not done.stdout.strip():
            return [asked]
        text = _cut(done.stdout.rstrip(), self.options.get("head"), self.options.get("tail", 0))
        output = nodes.literal_block(text, text, language="text")
        return [asked, nodes.container("", output, classes=["output"])]


def _cut(text: str, head: int | None, tail: int) -> str:
    lines = text.splitlines()
    if head is None or len(lines) <= head + tail + 1:
        return text
    left = len(lines) - head - tail
    return "\n".join([*lines[:head], f"[... {left} more lines]", *lines[len(lines) - tail :]])


def _environment() -> dict[str, str]:
    beside = str(Path(sys.executable).parent)
    kept = {k: v for k, v in os.environ.items() if not re.match(r"VCASSAY_|FORCE_COLOR", k)}
    return {**kept, "PATH": os.pathsep.join([beside, kept.get("PATH", "")]), "COLUMNS": str(WIDTH), "NO_COLOR": "1"}


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("run", Run)
