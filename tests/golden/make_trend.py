"""Makes trend.csv: TA-Lib's SMA and BBANDS."""

import talib  # type: ignore[import-not-found, unused-ignore]

from tests.golden.golden import prices, write_trailing

WINDOW, WIDTH = 20, 2.0


def main() -> None:
    close = prices()["close"]
    upper, middle, lower = talib.BBANDS(close, timeperiod=WINDOW, nbdevup=WIDTH, nbdevdn=WIDTH, matype=0)
    columns = {"sma": talib.SMA(close, WINDOW), "bb_upper": upper, "bb_middle": middle, "bb_lower": lower}
    write_trailing("trend.csv", f"TA-Lib {talib.__version__}: SMA, BBANDS; window {WINDOW}, width {WIDTH}", columns)


if __name__ == "__main__":
    main()
