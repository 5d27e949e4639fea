"""Instruments of policy: one file each, with its YAML fields and what it writes to the levers.

A new instrument is a new file here and one more name in `Instrument`. Other packages may bring more along.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias, Union, get_args

from pydantic import Field

from sim.policies.data_rules import DataRules
from sim.policies.digital_services_tax import DigitalServicesTax
from sim.policies.export_control import ExportControl
from sim.policies.instruments_of_others import instruments_of_others
from sim.policies.intellectual_property import IntellectualProperty
from sim.policies.levers import Act, Axes, Levers, Turn
from sim.policies.ownership import Ownership
from sim.policies.pilot_zone import PilotZone, Review
from sim.policies.policy import Policy
from sim.policies.purchases import Purchases
from sim.policies.quantity_limits import ExportLimit, Quota
from sim.policies.restriction import Restriction
from sim.policies.tariff import HardwareTariff, HardwareTariffCut, Tariff, TariffCut
from sim.policies.uncertainty import Uncertainty

Instrument: TypeAlias = (
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
    | Quota
    | ExportLimit
    | Uncertainty
)
"""Instruments of this package."""

OTHERS = instruments_of_others(get_args(Instrument))
"""Those of other packages that are installed."""

if TYPE_CHECKING:
    AnyPolicy: TypeAlias = Annotated[Instrument, Field(discriminator="kind")]
else:
    AnyPolicy = Annotated[Union[(*get_args(Instrument), *OTHERS)], Field(discriminator="kind")]
"""Any instrument, told apart by its `kind`."""

__all__ = ["OTHERS", "Act", "AnyPolicy", "Axes", "Instrument", "Levers", "PilotZone", "Policy", "Review", "Turn"]
