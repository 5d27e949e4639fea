"""What a scenario says of goods that are declared as of another origin than theirs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.values import ListName, Name, Number, Part, Range, Share

Keeper = Literal["exporter", "through", "importer"]
"""Where traders are at home who keep what they save: where the goods come from, go through, or go to."""


class Route(Part):
    """A country by way of which goods go that would pay a higher tariff (docs/model.md, 6.30)."""

    lists: Annotated[tuple[ListName, ...], Field(min_length=1)]
    """Lists whose goods may take it."""
    through: Name
    """List of the same importer as whose goods they are declared; or a country or region of whose goods the importer
    has no list, where they pay the base rate."""
    response: Annotated[Number, Range("ratio", 0, 1e3)]
    """Part of a list's goods that takes it with each one (100 points) of tariff that this saves."""
    limit: Share
    """Part of a list's goods that takes it at most, share of one."""
    kept_by: Keeper = "exporter"
    """Where traders are at home who keep what buyers do not get of the duty that is saved."""


class Rerouting(Part):
    """How goods avoid a tariff by way of other countries (docs/model.md, 6.30 to 6.33)."""

    speed: Annotated[Number, Range("log rate per year", 0.01, 1e4)]
    """Speed at which goods turn to a route that pays, log rate per year; they turn back at once."""
    real_cost: Share
    """Part of what the detour costs that uses up work and goods, share of one; the rest goes to who helps with it."""
    passed_on: Share
    """Part of what traders save, costs deducted, by which goods become cheaper for buyers, share of one."""
    routes: Annotated[dict[Name, Route], Field(min_length=1)]
    """Routes by name."""
