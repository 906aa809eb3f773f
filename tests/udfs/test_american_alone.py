"""What a contract is worth does not depend on who stands beside it: chains are asked for whole, in parts, in shards."""

import numpy as np

from tests.udfs.test_american import contracts_of
from udfs.american import american
from udfs.american_implied import american_implied_vol

COUNT = 12
STRIKES = np.linspace(80.0, 120.0, COUNT)
PUTS = contracts_of([False] * COUNT, *np.broadcast_arrays(100.0, STRIKES, 0.3, 0.04, 0.01))
SIGMA = np.full(COUNT, 0.25)


def test_a_contract_alone_has_the_value_that_it_has_beside_others_to_the_last_bit() -> None:
    together = np.array(american(PUTS, SIGMA)[:-1])
    for size in (1, 2, 5):
        parts = np.array_split(np.arange(COUNT), range(size, COUNT, size))
        apart = np.hstack([american(PUTS.at(rows), SIGMA[rows])[:-1] for rows in parts])
        np.testing.assert_array_equal(apart, together)


def test_a_quote_alone_has_the_volatility_that_it_has_beside_others_to_the_last_bit() -> None:
    prices = american(PUTS, SIGMA).price
    together = american_implied_vol(prices, PUTS).iv
    alone = [american_implied_vol(prices[i : i + 1], PUTS.at(np.array([i]))).iv[0] for i in range(COUNT)]
    np.testing.assert_array_equal(alone, together)
