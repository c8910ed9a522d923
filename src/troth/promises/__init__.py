"""What a check is: each promise of a policy with its status, and why.

`listing` names the promises, `checks` holds one check per kind, `report` runs them all and turns the result into
rows, JSON and a page. Everything here is pure: what the stores answered is handed in (`given`).
"""
