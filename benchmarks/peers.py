"""The peers by name. Each is imported when it is used: one of them changes how processes start for all others."""

from __future__ import annotations

import warnings
from importlib import import_module
from types import ModuleType

TITLES = {
    "plain_simpy": "plain SimPy",
    "in_mesa": "Mesa",
    "in_agentpy": "AgentPy",
    "in_ema_workbench": "EMA Workbench",
}
"""Peers by the module that holds them."""


def peer(name: str) -> ModuleType:
    """Give the module of a peer: `play_many(starts, draws, processes)` and `columns(result, draw)`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what others' packages have to say when they are imported
        return import_module(f"benchmarks.{name}")
