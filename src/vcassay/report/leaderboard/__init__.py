"""Leaderboard: a comparison of stored assessments on a terminal, as Markdown and as one page."""
