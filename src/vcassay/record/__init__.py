"""The assessment directory: its schemas, versioned codec, reader and writer.

What is stored here is all that verdict, report, compare and verify may read.
"""

from vcassay.record.assessment import AssessmentRecord, ModelRecord, VerdictRecord
from vcassay.record.claim import ClaimRecord
from vcassay.record.clean import BinRecord, CleanRecord, PartsRecord, TrendRecord
from vcassay.record.codec import dump_json, load_json
from vcassay.record.comparison import (
    BoardRecord,
    DifferenceRecord,
    EntryRecord,
    LeaderboardRecord,
    RowRecord,
    SourceRecord,
)
from vcassay.record.evidence import (
    BaselineRecord,
    CeilingRecord,
    ComparisonRecord,
    FindingRecord,
    InflationRecord,
    PairRecord,
    RankingRecord,
    RankRecord,
    ScoreRecord,
    SeedRecord,
    SkillRecord,
    ThresholdRecord,
)
from vcassay.record.knowledge import FeatureRecord
from vcassay.record.reader import read_assessment, read_manifest, read_table
from vcassay.record.screen import CrossedRecord, ScreenRecord, StratumRecord
from vcassay.record.writer import AssessmentWriter

__all__ = [
    "AssessmentRecord",
    "AssessmentWriter",
    "BaselineRecord",
    "BinRecord",
    "BoardRecord",
    "CeilingRecord",
    "ClaimRecord",
    "CleanRecord",
    "ComparisonRecord",
    "CrossedRecord",
    "DifferenceRecord",
    "EntryRecord",
    "FeatureRecord",
    "FindingRecord",
    "InflationRecord",
    "LeaderboardRecord",
    "ModelRecord",
    "PairRecord",
    "PartsRecord",
    "RankRecord",
    "RankingRecord",
    "RowRecord",
    "ScoreRecord",
    "ScreenRecord",
    "SeedRecord",
    "SkillRecord",
    "SourceRecord",
    "StratumRecord",
    "ThresholdRecord",
    "TrendRecord",
    "VerdictRecord",
    "dump_json",
    "load_json",
    "read_assessment",
    "read_manifest",
    "read_table",
]
