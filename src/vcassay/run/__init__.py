"""From study.toml to an assessment directory: read, plan, execute, store, resume."""
