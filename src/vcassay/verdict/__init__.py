"""The verdict: stored evidence to a level, its reasons and the sentence that it supports."""

from vcassay.verdict.decide import decide, judge

__all__ = ["decide", "judge"]
