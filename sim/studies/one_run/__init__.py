"""One run: its main figures, charts and page."""
