"""The `metrics` section of config.yaml: windows, rates and widths that the stored models are built with.

The upper bounds are those of the stored models alone (12_streams.sql and 13_stream_filters.sql say why): any length can
be asked for in SQL or with `quant compute`.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from quant.settings.section import Positive, Rate, Section

Confidence = Annotated[float, Field(gt=0.5, lt=1)]
Window = Annotated[int, Field(ge=2, le=63)]
LongWindow = Annotated[int, Field(ge=2, le=447)]
Averaged = Annotated[int, Field(ge=2, le=100)]  # by an exponential average
Smoothed = Annotated[int, Field(ge=2, le=50)]  # by Wilder's average
Lag = Annotated[int, Field(ge=1, le=1000)]


class Metrics(Section):
    risk_free_rate: Rate
    window_volatility: LongWindow
    window_short: Window
    window_medium: Averaged
    window_long: LongWindow
    bollinger_width: Positive
    macd_fast: Averaged
    macd_slow: Averaged
    macd_signal: Averaged
    window_rsi: Smoothed
    window_rate: Lag
    window_trix: Averaged
    window_atr: Smoothed
    window_adx: Smoothed
    window_keltner: Averaged
    window_keltner_range: Smoothed
    keltner_width: Positive
    window_stochastic: Window
    stochastic_smoothing: Annotated[int, Field(ge=1, le=15)]
    window_aroon: Annotated[int, Field(ge=3, le=63)]
    ichimoku_short: Window
    ichimoku_medium: Window
    ichimoku_long: Window
    ichimoku_shift: Lag
    window_cci: Window
    window_mfi: Window
    window_ultimate_short: Window
    window_ultimate_medium: Window
    window_ultimate_long: Window
    window_correlation: Annotated[int, Field(ge=2, le=10000)]
    rolling_pair_symbols: Annotated[int, Field(ge=2, le=500)]
    ewma_decay: Annotated[float, Field(gt=0, le=0.98)]
    var_confidence: Confidence
    sharpe_confidence: Confidence

    @model_validator(mode="after")
    def _fast_is_faster(self) -> Self:
        if self.macd_fast >= self.macd_slow:
            raise ValueError(f"macd_fast {self.macd_fast} must be less than macd_slow {self.macd_slow}")
        return self
