"""Names of entries and verbs, wherever they stand as code, become links to where they are explained."""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import make_refnode

VERB = re.compile(r"vcassay (\w+)(?: (\w+))?\b")


class LinkNames(SphinxPostTransform):
    """Wrap inline code that names an entry, or starts with a verb; write a parameter and its text as a sentence."""

    default_priority = 200

    def run(self, **_: object) -> None:
        """Go through the page."""
        for text in list(self.document.findall(nodes.Text)):
            if " -- " in text and not _within(text, (nodes.literal, nodes.literal_block)):
                text.parent.replace(text, nodes.Text(text.replace(" -- ", ": ")))
        entries = self.env.get_domain("vcassay").data["entries"]
        for node in list(self.document.findall(nodes.literal)):
            if _within(node, (nodes.reference, nodes.title)):
                continue
            text = node.astext()
            verb = VERB.match(text)
            name = f"vcassay-{verb[1]}" if verb else text
            if verb and f"{name}-{verb[2]}" in entries:
                name = f"{name}-{verb[2]}"
            if name not in entries or name == _own(node):
                continue
            docname, kind = entries[name]
            if kind == "table":
                continue
            page = self.env.docname
            reference = make_refnode(self.app.builder, page, docname, name, [], None)
            node.replace_self(reference)
            reference += node


def _within(node: nodes.Node, kinds: tuple[type[nodes.Node], ...]) -> bool:
    parent = node.parent
    while parent is not None:
        if isinstance(parent, kinds):
            return True
        parent = parent.parent
    return False


def _own(node: nodes.Node) -> str:
    """Anchor of the entry that the node stands in."""
    parent = node.parent
    while parent is not None:
        if parent.tagname == "desc" and parent.children and parent[0].get("ids"):
            return str(parent[0]["ids"][-1])
        parent = parent.parent
    return ""


def setup(app: Sphinx) -> None:
    """Add the transform."""
    app.add_post_transform(LinkNames)
