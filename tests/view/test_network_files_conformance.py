"""Every case that the package onnx generates for the operators that can be read, through reader and graph."""

import numpy as np
import pytest

from conv_view.network_files import OPERATORS, NetworkError
from tests.view.onnx_cases import OPERANDS, cases, fixed, flowing, trouble

TRAINING = "training: its output is random or changes what the network keeps; here networks only answer"
SEQUENCE = "the input is a sequence or may be missing, and no array"
TYPE = "a type of numbers that NumPy does not have, so that nothing could be computed with it"

EIGHT = ("FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ")
FEW = ("UINT4", "INT4", "UINT2", "INT2")
WIDE = ("FLOAT", "FLOAT16")
CASTS = [
    *["FLOAT_to_BFLOAT16", "BFLOAT16_to_FLOAT"],
    *[f"{one}_to_{other}" for one in WIDE for other in (*EIGHT, *FEW, "FLOAT4E2M1")],
    *[f"{other}_to_{one}" for one in WIDE for other in (*EIGHT, *FEW, "FLOAT4E2M1")],
    *[f"{one}_to_{one.rstrip('24')}8" for one in FEW],
    *[f"no_saturate_{one}_to_{other}" for one in WIDE for other in EIGHT],
]
LEFT_OUT = {
    "test_batchnorm_example_training_mode": TRAINING,
    "test_batchnorm_epsilon_training_mode": TRAINING,
    "test_training_dropout": TRAINING,
    "test_training_dropout_default": TRAINING,
    "test_training_dropout_default_mask": TRAINING,
    "test_training_dropout_mask": TRAINING,
    "test_identity_opt": SEQUENCE,
    "test_identity_sequence": SEQUENCE,
    **{f"test_cast_{cast}": TYPE for cast in CASTS},
    **{f"test_castlike_{cast}_expanded": TYPE for cast in CASTS},
    **{f"test_cast_e8m0_{one}_to_FLOAT8E8M0": TYPE for one in WIDE},
    **{f"test_cast_e8m0_FLOAT8E8M0_to_{one}": TYPE for one in WIDE},
}
"""The cases that are not run, and why; all others are."""


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_case_gives_what_onnx_says(operator):
    wanted = [case for case in cases()[operator] if case.name not in LEFT_OUT]
    assert wanted, "no case is left of this operator"
    found = {case.name: trouble(case, fixed(case)) for case in wanted}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("operator", sorted(OPERANDS))
def test_operands_may_come_from_the_network_itself(operator):
    wanted = [case for case in cases()[operator] if len(case.data_sets[0][0]) > 1]
    assert wanted, "no case of two inputs is left of this operator"
    found = {case.name: trouble(case, flowing(case)) for case in wanted}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_what_is_left_out_is_there_and_is_refused():
    known = {case.name: case for own in cases().values() for case in own}
    assert set(LEFT_OUT) - set(known) == set()
    codes = {TRAINING: "network_training", SEQUENCE: "network_type", TYPE: "network_type"}
    for name, reason in LEFT_OUT.items():
        with pytest.raises(NetworkError) as caught:
            trouble(known[name], fixed(known[name]))
        assert caught.value.code == codes[reason], name


def test_the_cases_can_fail():
    case = next(one for one in cases()["Conv"])
    outputs = case.data_sets[0][1]
    case.data_sets[0] = (case.data_sets[0][0], [outputs[0] + np.float32(0.1)])
    try:
        assert "instead of" in trouble(case, fixed(case))
    finally:
        case.data_sets[0] = (case.data_sets[0][0], outputs)
