"""The verbs of the runtime. Each is one transaction that it commits itself; a file each."""

from engine.runtime.commands.assign import assign, delegate
from engine.runtime.commands.cancel import cancel_instance
from engine.runtime.commands.claim import claim, release
from engine.runtime.commands.comment import add_comment
from engine.runtime.commands.complete import complete
from engine.runtime.commands.correlate import Correlation, broadcast, correlate
from engine.runtime.commands.finish_job import fail_job, finish_job
from engine.runtime.commands.fire_timer import fire_timer
from engine.runtime.commands.in_bulk import in_bulk
from engine.runtime.commands.keep_draft import drop_draft, keep_draft
from engine.runtime.commands.migrate import migrate_instance, preview_migration
from engine.runtime.commands.migrate_all import (
    preview_migration_of_all,
    run_migrations,
    start_migration,
    stop_migration,
)
from engine.runtime.commands.move import move_token
from engine.runtime.commands.plan_task import set_follow_up, set_priority
from engine.runtime.commands.quick_action import apply_quick_action
from engine.runtime.commands.reschedule import reschedule_timer
from engine.runtime.commands.resolve import resolve_incident
from engine.runtime.commands.resume import resume_instance
from engine.runtime.commands.retry import resolve_moot_incidents, retry_incident, retry_incidents
from engine.runtime.commands.set_variables import set_variables
from engine.runtime.commands.start import start_instance
from engine.runtime.commands.suspend import suspend_instance
from engine.runtime.commands.undo import undo

__all__ = [
    "Correlation",
    "add_comment",
    "apply_quick_action",
    "assign",
    "broadcast",
    "cancel_instance",
    "claim",
    "complete",
    "correlate",
    "delegate",
    "drop_draft",
    "fail_job",
    "finish_job",
    "fire_timer",
    "in_bulk",
    "keep_draft",
    "migrate_instance",
    "move_token",
    "preview_migration",
    "preview_migration_of_all",
    "release",
    "reschedule_timer",
    "resolve_incident",
    "resolve_moot_incidents",
    "resume_instance",
    "retry_incident",
    "retry_incidents",
    "run_migrations",
    "set_follow_up",
    "set_priority",
    "set_variables",
    "start_instance",
    "start_migration",
    "stop_migration",
    "suspend_instance",
    "undo",
]
