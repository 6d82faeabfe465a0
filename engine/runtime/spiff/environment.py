"""What stands where SpiffWorkflow would run Python: FEEL for expressions, nothing at all for scripts.

Our own specifications evaluate compiled formulas themselves (`ProcessTree.evaluate`). This environment is
the second line: whatever text the library might still hand to its script engine ends here, and no `eval` or
`exec` is reachable.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from engine.errors import StepFailed
from engine.runtime.spiff.expressions import parse_formula
from engine.runtime.spiff.library import BasePythonScriptEngineEnvironment, PythonScriptEngine


class FeelEnvironment(BasePythonScriptEngineEnvironment):  # type: ignore[misc]
    """Evaluates `=...` as FEEL and returns anything else as it stands."""

    def evaluate(self, expression: Any, context: Mapping[str, Any], external_context: Any = None) -> Any:
        """Evaluate one text of a diagram; values that are no text are returned."""
        if not isinstance(expression, str):
            return expression
        return parse_formula(expression).evaluate(context, {})

    def execute(self, script: str, context: Any, external_context: Any = None) -> NoReturn:
        """Refuse: no script ever runs from a diagram."""
        raise StepFailed("a diagram may not run a script; use a script task with a FEEL expression")

    def call_service(self, context: Any, **kwargs: Any) -> NoReturn:
        """Refuse: services are called by jobs, outside the step."""
        raise StepFailed("a diagram may not call a service itself; use a service task with a job type")


def feel_engine() -> PythonScriptEngine:
    """Return a script engine that knows FEEL only."""
    return PythonScriptEngine(environment=FeelEnvironment())
