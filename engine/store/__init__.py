"""Tables, column types, sessions and migrations: how rows are kept, and nothing about why."""
