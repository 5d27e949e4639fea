"""Runs beside a reference, draw by draw: what differs, where they part, and what decides it."""
