"""The data map as another controller has it: their rows may be touched, ours may not."""

from __future__ import annotations

from troth.catalog import controllers
from troth.catalog.datamap import Controller, DataMap, Dataset

MAP = DataMap(
    datasets={
        "app.ours": Dataset(),
        "app.said": Dataset(controller="us"),
        "app.theirs": Dataset(controller="Ozark Dental"),
        "app.others": Dataset(controller="Plaza Law"),
        "app.mixed": Dataset(controller=Controller(column="customer", ours=("us",))),
    }
)


def test_rows_of_the_controller_are_those_that_may_be_touched() -> None:
    """A dataset held for them counts as ours, and so do their rows where each names its controller."""
    found = controllers.held_for(MAP, "Ozark Dental").datasets
    assert found["app.theirs"].controller == "us"
    assert found["app.mixed"].controller == Controller(column="customer", ours=("Ozark Dental",))


def test_nothing_else_may_be_touched() -> None:
    """What is ours, or held for somebody else, is nobody's to touch under their instruction."""
    found = controllers.held_for(MAP, "Ozark Dental").datasets
    assert {found[name].controller for name in ("app.ours", "app.said", "app.others")} == {controllers.NOBODY}


def test_numbers_of_customers_are_compared_as_numbers() -> None:
    """A column with customers' numbers is asked for the number, not for its digits."""
    mixed = controllers.held_for(MAP, "17").datasets["app.mixed"].controller
    assert isinstance(mixed, Controller)
    assert mixed.ours == (17,)


def test_the_map_itself_is_left_alone() -> None:
    """The project's own map stays as it was read."""
    before = MAP.model_dump()
    controllers.held_for(MAP, "Ozark Dental")
    assert MAP.model_dump() == before


def test_controllers_are_listed() -> None:
    """Whole datasets name their controllers; rows of others name theirs."""
    assert controllers.names(MAP) == ("Ozark Dental", "Plaza Law")
    assert controllers.by_row(MAP)
