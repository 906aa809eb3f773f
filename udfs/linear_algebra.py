"""Linear algebra of portfolios; NumPy arrays in, arrays out. NaN is what is not knowable."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

FloatArray: TypeAlias = npt.NDArray[np.float64]

# Beyond this condition number a solution holds fewer than three digits: not knowable.
WORST_CONDITION = 1e13


def explained_shares(returns: FloatArray) -> FloatArray:
    """Shares of the correlation matrix's eigenvalues, largest first; they sum to 1.

    `returns` has shape (members, bars). NaN with fewer than two bars or where a member is constant.
    Source: Jolliffe, Principal Component Analysis, ch. 2.
    """
    count = len(returns)
    if returns.shape[1] < 2 or np.any(returns.max(axis=1) == returns.min(axis=1)):
        return np.full(count, np.nan)
    values = np.linalg.eigvalsh(np.atleast_2d(np.corrcoef(returns)))[::-1]
    shares: FloatArray = np.clip(values, 0, None) / count
    return shares


def principal_loadings(returns: FloatArray) -> FloatArray:
    """Eigenvectors of the correlation matrix, shape (components, members), the strongest component first.

    Each has length 1 and its sign makes the entry of the greatest size (of equal ones the first) positive. NaN with
    fewer than two bars or where a member is constant. Source: Jolliffe, Principal Component Analysis, ch. 2.
    """
    count = len(returns)
    if returns.shape[1] < 2 or np.any(returns.max(axis=1) == returns.min(axis=1)):
        return np.full((count, count), np.nan)
    vectors = np.linalg.eigh(np.atleast_2d(np.corrcoef(returns)))[1].T[::-1]
    sizes = np.abs(vectors)
    greatest = np.argmax(sizes > sizes.max(axis=1, keepdims=True) - 1e-12, axis=1)
    loadings: FloatArray = vectors * np.sign(vectors[np.arange(count), greatest])[:, None]
    return loadings


def is_regular(matrix: FloatArray) -> bool:
    """Whether the columns are independent beyond rounding, whatever their scales."""
    lengths = np.sqrt(np.sum(matrix**2, axis=0))
    return bool(np.all(lengths > 0) and np.linalg.cond(matrix / lengths) < WORST_CONDITION)
