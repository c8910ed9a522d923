"""How every form of the desk is written: label, hint, fault, field, in that order, each tied to the others."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Write `{{ form }}` and `{{ field.as_field_group }}` with our templates."""

    form_template_name = "desk/form.html"
    field_template_name = "desk/field.html"
