"""Entries of the catalogue: a directive whose anchor is the entry's name as it is, and links to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.directives import ObjectDescription
from sphinx.domains import Domain, ObjType
from sphinx.roles import XRefRole
from sphinx.util.nodes import make_refnode


class EntryDirective(ObjectDescription[str]):
    """One entry: its name, what it is called, and its text."""

    option_spec: ClassVar[dict[str, Any]] = {
        "title": directives.unchanged,
        "mark": directives.unchanged,
        "no-index": directives.flag,
    }

    def handle_signature(self, sig: str, signode: addnodes.desc_signature) -> str:
        """Show the name, its title and its mark."""
        signode["fullname"] = sig
        signode["_toc_parts"], signode["_toc_name"] = (sig,), sig
        signode += addnodes.desc_name(sig, sig)
        if title := self.options.get("title"):
            signode += nodes.inline(title, title, classes=["entry-title"])
        if mark := self.options.get("mark"):
            signode += nodes.inline(mark, mark, classes=["entry-mark"])
        return sig

    def _object_hierarchy_parts(self, sig_node: addnodes.desc_signature) -> tuple[str, ...]:
        return tuple(sig_node["_toc_parts"])

    def _toc_entry_name(self, sig_node: addnodes.desc_signature) -> str:
        return str(sig_node["_toc_name"])

    def add_target_and_index(self, name: str, sig: str, signode: addnodes.desc_signature) -> None:
        """Give it its own name for an anchor."""
        signode["ids"].append(name.replace(" ", "-"))
        self.state.document.note_explicit_target(signode)
        self.env.get_domain("vcassay").data["entries"][name.replace(" ", "-")] = (self.env.docname, self.objtype)


class EntryDomain(Domain):
    """Everything that `vcassay explain` and the files know by a name."""

    name = "vcassay"
    label = "vcassay"
    object_types: ClassVar[dict[str, Any]] = {kind: ObjType(kind, "entry") for kind in ("entry", "command", "table")}
    directives: ClassVar[dict[str, Any]] = {"entry": EntryDirective, "command": EntryDirective, "table": EntryDirective}
    roles: ClassVar[dict[str, Any]] = {"entry": XRefRole()}
    initial_data: ClassVar[dict[str, dict[str, tuple[str, str]]]] = {"entries": {}}
    data_version = 1

    def clear_doc(self, docname: str) -> None:
        """Forget what a page held."""
        self.data["entries"] = {k: v for k, v in self.data["entries"].items() if v[0] != docname}

    def merge_domaindata(self, docnames: set[str], otherdata: dict[str, Any]) -> None:
        """Take over what another worker read."""
        self.data["entries"] |= {k: v for k, v in otherdata["entries"].items() if v[0] in docnames}

    def resolve_xref(self, env, fromdocname, builder, typ, target, node, contnode):  # type: ignore[no-untyped-def]
        """Link a name to its entry."""
        if target not in self.data["entries"]:
            return None
        return make_refnode(builder, fromdocname, self.data["entries"][target][0], target, contnode)

    def resolve_any_xref(self, *_: Any) -> list[Any]:
        """Nothing is linked without being asked for."""
        return []

    def get_objects(self) -> Iterator[tuple[str, str, str, str, str, int]]:
        """List every entry for the search."""
        for name, (docname, kind) in self.data["entries"].items():
            yield name, name, kind, docname, name, 1


def setup(app: Sphinx) -> None:
    """Add the domain."""
    app.add_domain(EntryDomain)
