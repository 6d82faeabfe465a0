"""Read by Python at the start of a process whose PYTHONPATH begins here: puts the mutant in place."""

import os

if os.environ.get("REDRESS_FAULT_MUTANT"):
    from tests.faults.mutants import MUTANTS

    MUTANTS[os.environ["REDRESS_FAULT_MUTANT"]]()
