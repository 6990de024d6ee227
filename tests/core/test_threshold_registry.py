"""A record lists every threshold: which there are must not depend on what else was imported."""

import subprocess
import sys

CODE = """
import importlib, pkgutil
import vcassay, vcassay.run.assess
from vcassay.core.threshold import registered
before = {t.name for t in registered()}
for module in pkgutil.walk_packages(vcassay.__path__, "vcassay."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print(*sorted({t.name for t in registered()} - before))
"""


def test_an_assessment_knows_every_threshold():
    found = subprocess.run([sys.executable, "-c", CODE], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []
