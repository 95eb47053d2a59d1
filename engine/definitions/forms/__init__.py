"""Forms: form-js schemas, and the server's own judgement of every submission."""

from engine.definitions.forms.form import Form
from engine.definitions.forms.schema import FormField, Option

__all__ = ["Form", "FormField", "Option"]
