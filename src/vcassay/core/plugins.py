"""Plug-ins: metrics, baselines, checks and diagnostics from outside of the package.

An installed package offers its own through the entry-point group `GROUP`; a file is loaded only where a user names it
on the command line or in Python. A study.toml cannot name one: who hands in a study hands in no code.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import metadata
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from vcassay.core.errors import InputError, PluginError, VcassayError
from vcassay.core.provenance import PLUGINS, file_sha256

GROUP = "vcassay.plugins"
"""Entry-point group of installed packages; an entry names a module whose import registers."""


def load_plugin(file: str | Path) -> None:
    """Import a file that registers plug-ins; a file that is already loaded is left alone.

    Its hash becomes part of every manifest and of what cached results depend on.

    Raises
    ------
    InputError
        If there is no such file, or it has changed since it was loaded.
    PluginError
        If it fails on import, or registers wrongly.
    """
    path = Path(file).resolve()
    if not path.is_file():
        raise InputError("there is no such file", where=str(file), mend="name a Python file that registers plug-ins")
    key, digest = f"plug-in {path.name}", file_sha256(path)
    if PLUGINS.get(key) == digest:
        return
    if key in PLUGINS:
        raise InputError("another plug-in of this name is loaded", where=str(file), mend="start anew, or rename it")
    name = f"vcassay_plugin_{path.stem}"
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError("is no Python file", where=str(file), mend="name a file that ends in .py")
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except VcassayError as error:
        raise PluginError(f"{file}: {error}") from error
    except Exception as error:
        raise PluginError(f"{file}: fails on import ({type(error).__name__}: {error}).") from error
    PLUGINS[key] = digest


def load_installed(entries: Iterable[metadata.EntryPoint] | None = None) -> None:
    """Import what installed packages offer, once.

    Raises
    ------
    PluginError
        If one fails on import, or registers wrongly.
    """
    for entry in metadata.entry_points(group=GROUP) if entries is None else entries:
        key = f"plug-in {entry.name}"
        if key in PLUGINS:
            continue
        try:
            entry.load()
        except Exception as error:
            what = f"the installed plug-in '{entry.name}' ({entry.value})"
            raise PluginError(f"{what} fails on import ({type(error).__name__}: {error}).") from error
        PLUGINS[key] = entry.dist.version if entry.dist is not None else entry.value
