"""A review as one HTML page that opens offline and runs nothing but the button that copies the questions."""

from __future__ import annotations

from markupsafe import Markup

from vcassay.record.review import ReviewRecord
from vcassay.report.palette import stylesheet
from vcassay.report.review.view import tiers_in_words, view
from vcassay.report.shell import policy, source, templates


def review_page(record: ReviewRecord) -> str:
    """Render a review as one HTML page without external references.

    Parameters
    ----------
    record
        A stored review; nothing is judged here.
    """
    script = source("copy.js")
    return (
        templates()
        .get_template("review_page.j2")
        .render(
            v=view(record),
            tiers=tiers_in_words(),
            policy=policy([script]),
            style=Markup(stylesheet() + source("page.css") + source("review.css")),
            script=Markup(script),
        )
    )
