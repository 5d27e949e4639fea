"""Instruments of policy: one file each, with its YAML fields and what it writes to the levers.

A new instrument is a new file here and one more name in `AnyPolicy`.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sim.policies.data_rules import DataRules
from sim.policies.digital_services_tax import DigitalServicesTax
from sim.policies.export_control import ExportControl
from sim.policies.intellectual_property import IntellectualProperty
from sim.policies.levers import Act, Axes, Levers, Turn
from sim.policies.ownership import Ownership
from sim.policies.pilot_zone import PilotZone, Review
from sim.policies.policy import Policy
from sim.policies.purchases import Purchases
from sim.policies.restriction import Restriction
from sim.policies.tariff import HardwareTariff, HardwareTariffCut, Tariff, TariffCut
from sim.policies.uncertainty import Uncertainty

AnyPolicy = Annotated[
    Tariff
    | TariffCut
    | HardwareTariff
    | HardwareTariffCut
    | Ownership
    | PilotZone
    | DataRules
    | DigitalServicesTax
    | IntellectualProperty
    | ExportControl
    | Restriction
    | Purchases
    | Uncertainty,
    Field(discriminator="kind"),
]
"""Any instrument, told apart by its `kind`."""

__all__ = ["Act", "AnyPolicy", "Axes", "Levers", "PilotZone", "Policy", "Review", "Turn"]
