"""The world at the base date: who is there, who sells what, and what that implies."""
