"""What a model answered: reading, matching to the wanted conditions, disclosure."""

from vcassay.prediction.exchange import Exchange, make_exchanges
from vcassay.prediction.match import Answer, locate_conditions, match_prediction
from vcassay.prediction.materials import Losses, Materials, hash_barcodes
from vcassay.prediction.prediction import Prediction, Space
from vcassay.prediction.read import PredictionFormat, read_prediction
from vcassay.prediction.read_sheet import read_sheet
from vcassay.prediction.sheet import Sheet
from vcassay.record.disclosure import Disclosure, declare

__all__ = [
    "Answer",
    "Disclosure",
    "Exchange",
    "Losses",
    "Materials",
    "Prediction",
    "PredictionFormat",
    "Sheet",
    "Space",
    "declare",
    "hash_barcodes",
    "locate_conditions",
    "make_exchanges",
    "match_prediction",
    "read_prediction",
    "read_sheet",
]
