"""The Python interface: every public name, under the step of the review that it serves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator

import vcassay
from vcassay_docs.docstrings import as_rest
from vcassay_docs.rest import indented, title

STEPS = {
    "What was measured": ("read_screen", "make_screen", "Screen", "Design", "Conditions", "measure", "Effects", "de"),
    "Specify the claim": ("split", "Split", "read_split", "write_split", "claim", "Claim"),
    "Validate the evidence": ("audit", "read_prediction", "Prediction", "task", "ablate", "Score", "Finding", "Status"),
    "The verdict": ("assess", "read_study", "read_assessment", "figures"),
    "Add your own": ("metric", "baseline", "check", "diagnostic", "load_plugin", "testing"),
    "Simulate": ("simulate_screen", "SimulationPlan"),
    "When something is wrong": ("InputError",),
}
HEAD = """``import vcassay as va``. Names are imported when they are first used. Types print themselves in a notebook.

"""


def pages() -> Iterator[tuple[str, str]]:
    """Name and text of the page; a public name that no step holds comes last."""
    placed = {name for names in STEPS.values() for name in names}
    steps = {**STEPS, "Further names": tuple(sorted(set(vcassay.__all__) - placed))}
    text = title("Python") + HEAD
    for step, names in steps.items():
        if names:
            text += title(step, "-") + "".join(_name(name) for name in names)
    yield "reference/python", text


def _name(name: str) -> str:
    obj = getattr(vcassay, name)
    if inspect.ismodule(obj) and callable(obj):  # a room that does its work when called
        call = type(obj).__call__
        text = "\n".join(as_rest(call)).strip()
        return f".. py:function:: vcassay.{name}{_signature(call)}\n\n{indented(text)}"
    if inspect.ismodule(obj):
        return f".. automodule:: vcassay.{name}\n   :members:\n\n"
    if inspect.isclass(obj):
        kind = "autoexception" if issubclass(obj, Exception) else "autoclass"
        return f".. {kind}:: vcassay.{name}\n   :members:\n\n"
    return f".. autofunction:: vcassay.{name}\n\n"


def _signature(call: Callable[..., object]) -> str:
    """Signature of a method as a function's, its types by their last name."""
    parameters = list(inspect.signature(call).parameters.values())[1:]
    bare = inspect.signature(call).replace(parameters=parameters)
    return re.sub(r"\b(?:\w+\.)+(\w+)", r"\1", str(bare).replace("'", ""))
