"""The field: reviews of many published claims in one table, on a terminal and as a page."""
