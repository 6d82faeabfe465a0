"""The verbs of the runtime. Each is one transaction that it commits itself; a file each."""

from engine.runtime.commands.assign import assign, delegate
from engine.runtime.commands.cancel import cancel_instance
from engine.runtime.commands.claim import claim, release
from engine.runtime.commands.complete import complete
from engine.runtime.commands.correlate import Correlation, broadcast, correlate
from engine.runtime.commands.finish_job import fail_job, finish_job
from engine.runtime.commands.fire_timer import fire_timer
from engine.runtime.commands.keep_draft import drop_draft, keep_draft
from engine.runtime.commands.start import start_instance

__all__ = [
    "Correlation",
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
    "keep_draft",
    "release",
    "start_instance",
]
