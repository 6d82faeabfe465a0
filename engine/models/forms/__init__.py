"""Forms as form-js writes them: read, judged and shown on the server."""

from engine.models.forms.check import CheckedForm
from engine.models.forms.form import Form
from engine.models.forms.messages import CATALOGUE
from engine.models.forms.options import NO_OPTIONS, NoOptions, OptionSource
from engine.models.forms.tree import Field

__all__ = ["CATALOGUE", "NO_OPTIONS", "CheckedForm", "Field", "Form", "NoOptions", "OptionSource"]
