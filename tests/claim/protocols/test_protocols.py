"""Published protocols yield the claim that their structure supports, and no stronger one."""

import pytest

from vcassay.claim.protocols import protocols, read_protocol
from vcassay.core import InputError, Regime

WANTED = {
    "gears-simulation": Regime.COMBINATION,
    "norman-doubles": Regime.COMBINATION,
    "txpert-leave-one-line": Regime.CEX,
    "state-replogle-fewshot": Regime.FEW_SHOT,
    "state-tahoe-fewshot": Regime.FEW_SHOT,
    "state-tahoe-zeroshot": Regime.CEX,
    "vcc-2025": Regime.FEW_SHOT,
    "vcc-2026": Regime.CEX,
    "perturbench-transfer": Regime.FEW_SHOT,
    "genbio-tahoe-dex": Regime.DEX,
    "effect-rnd": Regime.FEW_SHOT,
    "effect-cex": Regime.CEX,
    "effect-dex": Regime.DEX,
    "effect-aex": Regime.AEX,
    "x-atlas-cross-context": Regime.CEX,
    "replogle-cross-context": Regime.CEX,
    "tahoe-cex": Regime.CEX,
    "tahoe-dex": Regime.DEX,
}


def test_every_protocol_is_whole():
    names = [p.name for p in protocols()]
    assert len(names) == len(set(names)) >= len(WANTED)
    for protocol in protocols():
        assert sum(s.share for s in protocol.strata) == pytest.approx(1.0)
        assert protocol.source
        assert {t.evidence for t in protocol.traps} <= {"read", "second-hand", "recalled", "inferred"}
        assert "None" not in protocol.sentence() + "".join(s.sentence + s.reason for s in protocol.supports())


@pytest.mark.parametrize("name", WANTED)
def test_the_regime_is_the_weakest_of_its_strata(name):
    assert read_protocol(name).regime is WANTED[name]


def test_state_on_tahoe_is_few_shot_with_its_numbers_and_not_cex():
    protocol = read_protocol("state-tahoe-fewshot")
    words = protocol.sentence() + " ".join(s.sentence + s.reason for s in protocol.supports())
    assert "348" in words
    assert "31%" in words
    assert any("CEX" in s.sentence for s in protocol.does_not_support())
    assert any(t.status == "FAIL" and "Dose" in t.title for t in protocol.traps)


def test_a_name_that_nobody_knows():
    with pytest.raises(InputError, match="did you mean 'vcc-2025'"):
        read_protocol("vcc2025")
