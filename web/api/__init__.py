"""`/api/v1`: the complaint register, tasks, models and instances for programs. Described at openapi.json."""

from web.api.specification import install

__all__ = ["install"]
