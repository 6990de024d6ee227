"""Published screens by name: one TOML each, with where they lie, what they hold and what is known to be wrong."""

from vcassay.screen.datasets.dataset import Dataset, datasets, read_dataset
from vcassay.screen.datasets.parts import Columns, Counts, DatasetTrap, Licence, StoredFile

__all__ = ["Columns", "Counts", "Dataset", "DatasetTrap", "Licence", "StoredFile", "datasets", "read_dataset"]
