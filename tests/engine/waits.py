"""A mechanism that changes nothing and takes its time, so that a run can be interrupted at a known place."""

import os
import time

from groundswell import Mechanism


class Waits(Mechanism, phase="settle", reads="place.turnout", stacked=True):
    """Waits a moment on the first step of each batch."""

    def step(self, world, chance):
        """Wait."""
        if world.time.step == 0:
            time.sleep(float(os.environ.get("GROUNDSWELL_TEST_WAITS", "0")))
