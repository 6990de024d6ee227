"""What a model answered: reading, matching to the wanted conditions, disclosure."""

from vcassay.prediction.match import Answer, locate_conditions, match_prediction
from vcassay.prediction.prediction import Disclosure, Prediction, Space
from vcassay.prediction.read import PredictionFormat, read_prediction

__all__ = [
    "Answer",
    "Disclosure",
    "Prediction",
    "PredictionFormat",
    "Space",
    "locate_conditions",
    "match_prediction",
    "read_prediction",
]
