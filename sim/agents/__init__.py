"""Who acts when: SimPy processes that decide for all draws at once and call the equations."""

from __future__ import annotations

from collections.abc import Generator

import simpy

Process = Generator[simpy.Event, int, None]
"""What every agent is: a SimPy process whose turns give the month."""
