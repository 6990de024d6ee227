"""From study.toml to an assessment directory: read, plan, execute, store, resume."""

from vcassay.run.assess import assess
from vcassay.run.demo import write_demo
from vcassay.run.study import Study, read_study

__all__ = ["Study", "assess", "read_study", "write_demo"]
