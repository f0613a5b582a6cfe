"""An office year from one seed: the real acts, sweep, alerts and desk under faults, in one process."""
