"""Questions put to runs, a folder each: what is computed, its tables, its charts, its words."""
