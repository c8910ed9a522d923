"""What somebody says when they start a plan: a backup was taken, and which large shares are right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from troth.app.plans.kept import Obstacle


class Start(forms.Form):
    """The guards that whoever starts a plan can let pass, each by saying so."""

    def __init__(self, data: Any = None, *, stops: Sequence[Obstacle] = ()) -> None:
        super().__init__(data, prefix="start")
        bare = [name for stop in stops if stop.code == "backup" for name in stop.names]
        large = [name for stop in stops if stop.code == "share" for name in stop.names]
        if bare:
            self.fields["backup"] = forms.BooleanField(
                label=f"A backup of {' and '.join(bare)} was taken",
                error_messages={"required": "Make a backup, then say so here."},
            )
        if large:
            self.fields["allow"] = forms.MultipleChoiceField(
                label="These shares are right",
                choices=[(name, name) for name in large],
                widget=forms.CheckboxSelectMultiple,
                error_messages={"required": "Name every dataset whose share is right."},
            )
        self.large = frozenset(large)

    def clean_allow(self) -> list[str]:
        """Ask for every dataset above the share: leaving one out would stop the run."""
        named: list[str] = self.cleaned_data["allow"]
        if missing := self.large - set(named):
            raise forms.ValidationError(
                f"Not named: {', '.join(sorted(missing))}. Without it the plan stops."
            )
        return named

    @property
    def backup_taken(self) -> bool:
        """Tell whether they said that a backup exists."""
        return bool(self.cleaned_data.get("backup"))

    @property
    def allowed(self) -> tuple[str, ...]:
        """Return the datasets they named."""
        return tuple(self.cleaned_data.get("allow", ()))
