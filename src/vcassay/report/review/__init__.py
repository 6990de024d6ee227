"""A review for people: on a terminal, as Markdown, as a page. Reads the stored review only."""
