"""One look at a test set: a line of the ledger."""

from __future__ import annotations

import hashlib
import json
from typing import Literal

from vcassay.record.base import Record
from vcassay.record.seal import Sha256

START = "0" * 64
"""What stands for the hash of the line before the first."""


class LookRecord(Record):
    """That somebody saw how a predictions file scores."""

    schema_: Literal["vcassay.look/1"] = "vcassay.look/1"
    when: str
    """UTC."""
    what: Literal["assess", "score"]
    model: str
    predictions: Sha256
    """Hash of the predictions file."""
    test_set: Sha256
    """What `vcassay.run.ledger.test_set_id` gives for the split."""
    previous: Sha256
    """``sha256`` of the line before."""
    sha256: Sha256
    """Hash of the other entries as JSON, keys sorted."""

    def chained(self, previous: str) -> LookRecord:
        """The same look after the line of this hash, with its own hash made anew."""
        rest = self.model_dump(mode="json", exclude={"sha256"}) | {"previous": previous}
        rest["schema"] = rest.pop("schema_")
        own = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
        return self.model_copy(update={"previous": previous, "sha256": own})


def dump_look(look: LookRecord) -> str:
    """Write a look as one line of JSON, its schema first, without the line's end."""
    data = look.model_dump(mode="json")
    return json.dumps({"schema": data.pop("schema_"), **data}, ensure_ascii=False)


def load_look(line: str) -> LookRecord:
    """Read a line.

    Raises
    ------
    ValueError
        If it is not one that `dump_look` wrote, to the letter.
    """
    data = json.loads(line)
    if not isinstance(data, dict) or "schema" not in data:
        raise ValueError("no look")
    look = LookRecord.model_validate({"schema_": data.pop("schema"), **data})
    if dump_look(look) != line:
        raise ValueError("not as it was written")
    return look
