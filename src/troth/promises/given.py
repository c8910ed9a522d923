"""What checks look at: the project, what the stores answered, and when each store was looked at.

Handed in by the edge; checks themselves open nothing and read no clock. `stores_seen` says what keeps the stores
as a whole from proving anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property

from troth.catalog.datamap import DataMap, Store
from troth.catalog.undeclared import undeclared
from troth.periods import Period
from troth.plan.draft import Draft
from troth.plan.seal import Answers
from troth.plan.world import World
from troth.policy.model import Policy
from troth.problems import Problem
from troth.promises.listing import Places
from troth.promises.requests import Requests
from troth.promises.results import Reason, counted

NOW = timedelta(minutes=5)
"""How far the instant of a check may lie from the clock and still be now."""
DEFAULT_MAX_AGE = Period(days=1)
"""How old a look may be where the store does not say."""
DEFAULT_BACKUPS_AGE = Period(days=7)
"""How long ago the register of backups may have been fed."""
SHOWN = 5
"""How many names a reason lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a store."""

    at: datetime | None = None
    """When it was looked at; None when it was not."""
    trouble: str = ""
    """Why it could not be reached, in the words of the store's error; empty when it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What Troth's own ledger holds of people. It is a store like any other, and stands in every check."""

    staff: int
    """Names of people who work with Troth, sealed."""
    holds: int
    """Holds that stand; what each is about is sealed."""
    overdue: int
    """Of these, how many are past their review."""

    def __str__(self) -> str:
        late = f", {self.overdue} past review" if self.overdue else ""
        staff, holds = (
            counted(self.staff, "staff name"),
            counted(self.holds, "standing hold"),
        )
        return f"{staff}, {holds}{late}; all sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """What the register of backups knows of one store."""

    heard: datetime
    """When somebody or a listing last said which copies there are."""
    standing: tuple[tuple[datetime, date | None], ...] = ()
    """When each copy that is still there was made, and when it ends, where that was stated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restraint:
    """One restriction that is open, and what the last look at it found."""

    reference: str
    state: str
    """`begun` or `stands`."""
    proof: str
    """`proven`, `unproven` or `readable`; empty before any look."""
    readable: int
    proven_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """What the ledger knows of restrictions, corrections and objections."""

    restrictions: tuple[Restraint, ...] = ()
    """Those that are open."""
    ever: int = 0
    """How many restrictions there ever were."""
    rectifications: int = 0
    objections: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One order not to delete, as its record has it."""

    reference: str
    ground: str
    owned: bool
    """Somebody answers for it."""
    review: date
    stands: bool
    """It was not lifted."""
    clear: bool = True
    """It can be read as it was meant."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """Everything a check follows from."""

    world: World
    """`world.at` is the instant of the check."""
    draft: Draft
    """Made with `grace=True`: only what should have happened already."""
    answers: Answers
    """What the stores answered to the draft's surveys, by dataset."""
    looks: Mapping[str, Look]
    """By store."""
    now: datetime
    """The clock."""
    places: Places = field(default_factory=dict)
    """Where each key stands."""
    own: Own | None = None
    """The ledger, where there is one."""
    copies: Mapping[str, Copies] = field(default_factory=dict)
    """The register of backups, by store; a store that is not in it was never spoken of."""
    uses: Uses | None = None
    """What the ledger knows of rights that limit use; None where nobody looked."""
    requests: Requests | None = None
    """Every request of people; None where nobody looked."""
    holds: tuple[Hold, ...] | None = None
    """Every hold there ever was; None where nobody looked."""

    @property
    def policy(self) -> Policy:
        """The promises."""
        return self.world.policy

    @property
    def datamap(self) -> DataMap:
        """Where personal data lives."""
        return self.world.datamap

    @property
    def simulation(self) -> bool:
        """Tell whether the instant is not now: then nothing is proven and nothing becomes evidence."""
        return abs(self.world.at - self.now) > NOW

    @cached_property
    def unsaid(self) -> tuple[Problem, ...]:
        """List the tables and columns the data map does not speak of."""
        return undeclared(self.datamap, self.world.catalogs)

    @cached_property
    def stores_seen(self) -> tuple[Reason, ...]:
        """List what keeps the stores as a whole from proving anything about any data."""
        stores = (r for name, store in self.datamap.stores.items() for r in self._store(name, store))
        return (*_simulated(self.simulation), *stores, *_unsaid(self.unsaid))

    def _store(self, name: str, store: Store) -> Iterator[Reason]:
        look = self.looks.get(name, Look())
        if look.trouble:
            yield Reason(code="store-unreachable", message=look.trouble)
        elif not store.url or store.kind not in (None, "database"):
            what = store.kind or "files"
            yield Reason(code="store-not-built", message=f"{name} ({what}) cannot be looked at yet")
        elif look.at is None or name not in self.world.catalogs:
            yield Reason(code="store-not-looked-at", message=f"{name} was not looked at")
        elif self.now - look.at > longest(store.max_age or DEFAULT_MAX_AGE):
            day = look.at.date().isoformat()
            yield Reason(code="store-too-old", message=f"{name} was last looked at on {day}")


def longest(period: Period) -> timedelta:
    """Return a period as a length of time, months as 31 days."""
    return timedelta(days=31 * period.months + period.days, seconds=period.seconds)


def _simulated(simulation: bool) -> Iterator[Reason]:
    if simulation:
        yield Reason(code="simulation", message="The check was made for another instant, on today's data")


def _unsaid(problems: Iterable[Problem]) -> Iterator[Reason]:
    """Join what is undeclared into one reason per store and code."""
    found: dict[tuple[str, str], list[str]] = {}
    for problem in problems:
        store = problem.about.partition(".")[0]
        found.setdefault((problem.code, store), []).append(problem.about)
    for (code, store), names in found.items():
        noun = code.removeprefix("undeclared-")
        more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
        shown = ", ".join(names[:SHOWN])
        message = f"{counted(len(names), noun)} of {store} in neither list of the data map: {shown}{more}"
        yield Reason(code=code, message=message)
