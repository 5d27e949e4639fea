"""Order of play inside a month, the calendar, and turns as SimPy events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator
from dataclasses import dataclass
from enum import IntEnum

import simpy

from sim.quantities import MONTHS_PER_QUARTER, MONTHS_PER_YEAR

SETTLEMENT_DAY = 15
"""A month has the policy that is in force on this day of it."""


class Phase(IntEnum):
    """What happens in a month, in this order. Within a phase no actor reads what another writes."""

    TALKS = 0
    """Rounds are held; packages are signed or broken. Last month's rules lapse."""
    ZONES = 1
    """Zones open, are reviewed, close."""
    POLICY = 2
    """Governments set values: schedules, layers of tariff, openings."""
    AMENDMENT = 3
    """Governments change what has been set: cuts of tariffs."""
    NEWS = 4
    """What has changed in the rules is seen."""
    ENTRY = 5
    """Moves that are due go live; vendors review how they are present and apply."""
    LICENSING = 6
    """The licence desk takes this month's applications in."""
    SUPPLY = 7
    """Old capacity retires, ordered capacity arrives; unit costs follow technology and rules."""
    PRICING = 8
    """Vendors set prices."""
    MARKET = 9
    """Customers choose."""
    PARTNERS = 10
    """Partners are paid."""
    ORDERS = 11
    """Vendors order capacity for what they now expect."""
    GOODS = 12
    """Goods flows and tariff revenue of the month."""
    RECORD = 13
    """The recorder looks."""


PHASES = len(Phase)
"""Turns in a month."""

Process = Generator[simpy.Event, int, None]
"""What every actor is: a SimPy process whose turns give the month."""


@dataclass(frozen=True)
class Calendar:
    """Months of a run as dates.

    Attributes
    ----------
    start
        First day of month 0.
    months
        Number of months simulated.
    """

    start: dt.date
    months: int

    def month_of(self, date: dt.date) -> int:
        """Give the first month that has what comes into force on `date` (by its 15th); negative before the start."""
        month = (date.year - self.start.year) * MONTHS_PER_YEAR + date.month - self.start.month
        return month if date.day <= SETTLEMENT_DAY else month + 1

    def date_of(self, month: int) -> dt.date:
        """Give the first day of a month."""
        years, index = divmod(self.start.month - 1 + month, MONTHS_PER_YEAR)
        return dt.date(self.start.year + years, index + 1, 1)

    @property
    def quarters(self) -> int:
        """Number of whole quarters in the run."""
        return self.months // MONTHS_PER_QUARTER

    def quarter_dates(self) -> list[dt.date]:
        """Give the first day of each quarter."""
        return [self.date_of(q * MONTHS_PER_QUARTER) for q in range(self.quarters)]

    @property
    def end(self) -> dt.date:
        """First day after the run."""
        return self.date_of(self.months)


class Timeline:
    """Turns as SimPy events: simulation time is the whole number `month * len(Phase) + phase`."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.env = simpy.Environment(initial_time=-1)
        self._playing: list[Process] = []
        self._ahead: dict[int, simpy.Event] = {}

    @property
    def month(self) -> int:
        """Month that is being played; the first one before the run."""
        return max(int(self.env.now), 0) // PHASES

    def start(self, actor: Process) -> None:
        """Let an actor play from the beginning to the end of the run."""
        self._playing.append(actor)
        self.env.process(actor)

    def at(self, month: int, phase: Phase) -> simpy.Event:
        """Event of one phase of one month, which must not be over; its value is the month.

        Actors who wait for the same phase wait for the same event, and are called in the order in which they asked.
        """
        return self._event(month, month * PHASES + phase, self.env.now)

    def turn(self, phase: Phase, every: int = 1) -> simpy.Event:
        """Event of the next such phase in a month divisible by `every`; its value is the month."""
        now = self.env.now
        month = -(-int((now + PHASES - phase) // PHASES) // every) * every
        return self._event(month, month * PHASES + phase, now)

    def _event(self, month: int, time: int, now: float) -> simpy.Event:
        if time <= now or time not in self._ahead:
            self._ahead[time] = self.env.timeout(time - now, value=month)
        return self._ahead[time]

    def run(self) -> None:
        """Play all months, then send the actors home.

        An actor that waits for its next turn holds the world, and is held by the environment that it holds: the memory
        of a batch would stay until Python looks for circles.
        """
        self.env.run(until=self.calendar.months * PHASES)
        for actor in self._playing:
            actor.close()
