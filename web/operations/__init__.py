"""What keeps the system running: incidents, timers, jobs."""
