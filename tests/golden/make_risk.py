"""Makes risk.csv (whole sample) and risk_trailing.csv: empyrical, pandas, scipy and statsmodels."""

import empyrical  # type: ignore[import-not-found, unused-ignore]
import numpy as np
import pandas as pd
import scipy
import statsmodels  # type: ignore[import-not-found, import-untyped, unused-ignore]
import statsmodels.api as sm  # type: ignore[import-not-found, import-untyped, unused-ignore]

from tests.golden.golden import prices, returns, write_trailing, write_whole

PERIODS, RISK_FREE, CONFIDENCE, WINDOW = 252, 0.03, 0.95, 60
PER_BAR = (1 + RISK_FREE) ** (1 / PERIODS) - 1


def main() -> None:
    p = prices()
    r, b = returns(p["close"]), returns(p["benchmark"])
    fit = sm.OLS(r - PER_BAR, sm.add_constant(b - PER_BAR)).fit()
    provenance = (
        f"empyrical-reloaded {empyrical.__version__}; pandas {pd.__version__}; scipy {scipy.__version__}; "
        f"statsmodels {statsmodels.__version__}; {PERIODS} a year; risk-free rate {RISK_FREE}; confidence {CONFIDENCE}"
    )
    write_whole(
        "risk.csv",
        provenance,
        [
            ("max_drawdown", empyrical.max_drawdown(r), "empyrical.max_drawdown"),
            ("var_historical", empyrical.value_at_risk(r, cutoff=1 - CONFIDENCE), "empyrical.value_at_risk"),
            (
                "es_historical",
                empyrical.conditional_value_at_risk(r, cutoff=1 - CONFIDENCE),
                "empyrical.conditional_value_at_risk",
            ),
            ("beta", fit.params[1], "statsmodels OLS"),
            ("jensen_alpha", fit.params[0] * PERIODS, "statsmodels OLS"),
            ("correlation", scipy.stats.pearsonr(r, b).statistic, "scipy.stats.pearsonr"),
            ("skewness_sample", float(scipy.stats.skew(r, bias=False)), "scipy.stats.skew"),
            ("excess_kurtosis_sample", float(scipy.stats.kurtosis(r, bias=False)), "scipy.stats.kurtosis"),
        ],
    )
    own, other = pd.Series(np.append(np.nan, r)), pd.Series(np.append(np.nan, b))
    wealth = pd.Series(p["close"] / p["close"][0])
    columns = {
        "drawdown": (wealth / wealth.cummax() - 1).to_numpy(),
        "var_historical": own.shift(1).rolling(WINDOW).quantile(1 - CONFIDENCE).to_numpy(),
        "beta": (own.rolling(WINDOW).cov(other) / other.rolling(WINDOW).var()).to_numpy(),
        "correlation": own.rolling(WINDOW).corr(other).to_numpy(),
    }
    write_trailing("risk_trailing.csv", f"{provenance}; pandas rolling, window {WINDOW} returns", columns)


if __name__ == "__main__":
    main()
