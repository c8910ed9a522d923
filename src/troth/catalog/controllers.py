"""The data map as another controller has it: for whom we hold the data decides which rows may be touched.

Under an instruction of a controller the rows held for them are the ones a plan is about, and ours are not.
"""

from __future__ import annotations

from troth.catalog.datamap import Controller, DataMap, Dataset

NOBODY = "somebody-else"
"""Stands for any controller but the one at hand."""


def names(datamap: DataMap) -> tuple[str, ...]:
    """List the controllers that whole datasets are held for, ourselves left out."""
    named = (one.controller for one in datamap.datasets.values())
    return tuple(dict.fromkeys(name for name in named if isinstance(name, str) and name != "us"))


def by_row(datamap: DataMap) -> bool:
    """Tell whether some dataset names the controller row by row."""
    return any(isinstance(one.controller, Controller) for one in datamap.datasets.values())


def held_for(datamap: DataMap, controller: str) -> DataMap:
    """Return the data map with the rows held for one controller as those that may be touched, and no others.

    Args:
        datamap: As the project has it.
        controller: A name as a dataset has it, or the value of the column that names controllers.
    """
    datasets = {name: _held_for(one, controller) for name, one in datamap.datasets.items()}
    return datamap.model_copy(update={"datasets": datasets})


def _held_for(dataset: Dataset, controller: str) -> Dataset:
    named = dataset.controller
    if isinstance(named, Controller):
        return dataset.model_copy(
            update={"controller": named.model_copy(update={"ours": _values(controller)})}
        )
    return dataset.model_copy(update={"controller": "us" if named == controller else NOBODY})


def _values(controller: str) -> tuple[str | int, ...]:
    """A number is compared as one: columns of customers' numbers are."""
    return (int(controller),) if controller.isascii() and controller.isdigit() else (controller,)
