-- What trading costs, seen from bars alone.

-- How far the price moves per unit of money that changes hands: |simple return| over close times volume.
-- Unit: 1 per unit of the quote currency. NULL without volume.
create or replace macro price_impact_of(simple_return, close, volume) as
    finite_or_null(abs(simple_return) / nullif(close * volume, 0));

-- Amihud illiquidity: mean price impact of the last n bars. The paper multiplies by a million; here it is
-- as it comes. Source: Amihud (2002), J. Financial Markets 5(1).
create or replace macro amihud_illiquidity(bars, n := 21) as table
    select
        source, symbol, interval, ts,
        roll_avg(price_impact_of(simple_return, close, volume), n, (source, symbol, interval), ts) as value
    from with_returns(bars);

-- Roll's effective spread, from the covariance of each log return with the one before: prices that jump
-- between bid and ask come back. Unit: 1 of the price (0.001 = 0.1 %). NULL where the covariance is not
-- negative. Source: Roll (1984), J. Finance 39(4).
create or replace macro roll_spread_of(covariance) as case when covariance <= 0 then 2 * sqrt(abs(covariance)) end;

-- Of the last n pairs of returns, by their sample covariance.
create or replace macro roll_spread(bars, n := 21) as table
    with paired as (
        select *, previous_known(log_return, (source, symbol, interval), ts) as previous_return from with_returns(bars)
    )
    select
        source, symbol, interval, ts,
        roll_spread_of(
            roll_covar_pop(
                case when previous_return is not null then log_return end, previous_return,
                n, (source, symbol, interval), ts
            ) * n / nullif(n - 1.0::double, 0)
        ) as value
    from paired;

-- Corwin-Schultz spread of two bars, from the sum of their squared ln(high / low) and the square of ln(high
-- / low) of both together. Unit: 1 of the price. Negative estimates count as 0, as in the paper. Source:
-- Corwin and Schultz (2012), J. Finance 67(2), eq. 14, 18.
create or replace macro corwin_schultz_alpha_of(squares, square_of_both) as
    (sqrt(2 * squares) - sqrt(squares)) / (3 - 2 * sqrt(2)) - sqrt(square_of_both / (3 - 2 * sqrt(2)));
create or replace macro corwin_schultz_of(alpha) as
    case when alpha > 0 then 2 * tanh(alpha / 2) when alpha <= 0 then 0.0::double end;

-- A bar whose range the close before lies outside of opened with a gap, which is no spread: how far the
-- range is moved to meet it.
create or replace macro overnight_gap_of(high, low, previous_close) as
    case when previous_close < low then previous_close - low when previous_close > high then previous_close - high
         when previous_close is not null then 0.0::double end;

-- Mean of the last n estimates from two bars each.
create or replace macro corwin_schultz_spread(bars, n := 21) as table
    with ranged as (
        select *, case when encloses(open, high, low, close) then high end as top from query_table(bars)
    ),
    paired as (
        select
            *,
            previous(top, (source, symbol, interval), ts) as previous_top,
            previous(low, (source, symbol, interval), ts) as previous_low,
            overnight_gap_of(top, low, previous(close, (source, symbol, interval), ts)) as gap
        from ranged
    ),
    squared as (
        select
            *,
            pow(log_return_of(top + gap, low + gap), 2) + pow(log_return_of(previous_top, previous_low), 2) as squares,
            pow(log_return_of(
                case when gap is not null and previous_top is not null then greatest(top + gap, previous_top) end,
                least(low + gap, previous_low)
            ), 2) as square_of_both
        from paired
    )
    select
        source, symbol, interval, ts,
        roll_avg(
            corwin_schultz_of(corwin_schultz_alpha_of(squares, square_of_both)), n, (source, symbol, interval), ts
        ) as value
    from squared;

comment on macro price_impact_of is '|simple return| / (close * volume)';
comment on macro table amihud_illiquidity is 'mean of |simple return| / (close * volume) of the last n bars';
comment on macro roll_spread_of is '2 sqrt(-covariance); NULL for a positive covariance';
comment on macro table roll_spread is
    'effective spread, share of the price, from n log returns and the ones before';
comment on macro corwin_schultz_alpha_of is 'alpha of Corwin and Schultz, eq. 18';
comment on macro corwin_schultz_of is '2 (e^alpha - 1) / (e^alpha + 1) = 2 tanh(alpha / 2), at least 0';
comment on macro overnight_gap_of is 'what to add to a range so that it meets the close before';
comment on macro table corwin_schultz_spread is
    'mean spread of the last n bars, share of the price, from highs and lows';
