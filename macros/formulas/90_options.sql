-- Options: what a quote is worth, and the algebra of forwards and parity.
-- s spot, k strike, t years (ACT/365), r and q continuous rates.

-- Years from one instant to another, ACT/365 to the microsecond. Unit: years; negative after expiry.
create or replace macro years_to_expiry(quoted_at, expires_at) as
    (epoch_us(expires_at) - epoch_us(quoted_at)) / (365 * 86400 * 1e6);

-- Forward price of the underlying. Unit: price. Source: Hull, Options, Futures and Other Derivatives, ch. 5.
create or replace macro forward_of(s, t, r, q := 0) as s * exp((r - q) * t);

-- Log moneyness. Unit: 1; 0 at the forward, negative below. NULL unless both are positive.
create or replace macro log_moneyness(k, forward) as case when k > 0 and forward > 0 then ln_or_null(k / forward) end;

-- Is a strike on the out-of-the-money side of the forward? At the forward: the call.
create or replace macro is_out_of_the_money(is_call, k, forward) as
    case when is_call then k >= forward else k < forward end;

-- Variance until expiry, what volatility is read from between strikes and expiries. Unit: 1.
create or replace macro total_variance(vol, t) as vol * vol * t;
create or replace macro vol_of(variance, t) as case when variance >= 0 and t > 0 then sqrt(variance / t) end;

-- The straight line through (x0, y0) and (x1, y1), at x. NULL unless both points are known and apart.
create or replace macro between_points(x0, y0, x1, y1, x) as y0 + (y1 - y0) * (x - x0) / nullif(x1 - x0, 0);

-- Volatility at the forward, from the strikes on either side of it (log moneyness and total variance of each): linear
-- in total variance. Unit: 1. NULL unless both are known. Source: Gatheral (2006), The Volatility Surface, ch. 3.
create or replace macro atm_vol_of(below, variance_below, above, variance_above, t) as
    vol_of(between_points(below, variance_below, above, variance_above, 0), t);

-- C - P - S exp(-qT) + K exp(-rT). Unit: price; 0 for European quotes without arbitrage.
-- Source: Stoll (1969), J. Finance 24(5).
create or replace macro parity_gap(call_price, put_price, s, k, t, r, q := 0) as
    call_price - put_price - s * exp(-q * t) + k * exp(-r * t);

-- Where call minus put must lie. Equal for European options; for American ones, whatever the signs of r and
-- q: S min(1, exp(-qT)) - K max(1, exp(-rT)) and S max(1, exp(-qT)) - K min(1, exp(-rT)). Unit: price.
-- Source: Stoll (1969), J. Finance 24(5); Merton (1973), J. Finance 28(1).
create or replace macro parity_lower_bound(s, k, t, r, q, is_american) as
    case when is_american then s * least(1, exp(-q * t)) - k * greatest(1, exp(-r * t))
         else s * exp(-q * t) - k * exp(-r * t) end;
create or replace macro parity_upper_bound(s, k, t, r, q, is_american) as
    case when is_american then s * greatest(1, exp(-q * t)) - k * least(1, exp(-r * t))
         else s * exp(-q * t) - k * exp(-r * t) end;

-- Derivatives as a trader reads them. Units: per calendar day; per point (0.01) of volatility or rate.
create or replace macro theta_per_day(theta) as theta / 365;
create or replace macro charm_per_day(charm) as charm / 365;
create or replace macro vega_per_point(vega) as vega / 100;
create or replace macro rho_per_point(rho) as rho / 100;

-- Was the market open at that instant? `zone` is the exchange's; the close has a few minutes of grace for its print.
create or replace macro is_in_session(
    instant, zone, grace_minutes := 5, opens := '09:30:00'::time, closes := '16:00:00'::time
) as
    isodow(timezone(zone, instant)) <= 5
    and timezone(zone, instant)::time >= opens
    and timezone(zone, instant)::time <= closes + to_minutes(grace_minutes::bigint);

-- What a quote is worth: no_quote | crossed | off_hours | wide | stale | two_sided, the first that applies.
-- `wide`: a spread above wide_share of the mid (and above wide_floor, the tick of cheap options). `stale`: the
-- contract last traded more than stale_days before the quote, or never. All is relative to quoted_at, never to now.
create or replace macro quote_quality(
    bid, ask, last_trade_at, quoted_at, zone, wide_share := 0.5, wide_floor := 0.05, stale_days := 7, grace_minutes := 5
) as
    case when coalesce(bid > 0 and ask > 0, false) is false then 'no_quote'
         when ask < bid then 'crossed'
         when not is_in_session(quoted_at, zone, grace_minutes) then 'off_hours'
         when ask - bid > greatest(wide_floor, wide_share * (bid + ask) / 2) then 'wide'
         when last_trade_at is null or last_trade_at < quoted_at - to_days(stale_days::integer) then 'stale'
         else 'two_sided' end;

-- Middle of bid and ask. Unit: price. NULL unless the quote is two-sided.
create or replace macro mid_price(bid, ask, quality) as case when quality = 'two_sided' then (bid + ask) / 2 end;

comment on macro years_to_expiry is 'years between two instants, ACT/365';
comment on macro forward_of is 'S exp((r - q) T)';
comment on macro log_moneyness is 'ln(K / F)';
comment on macro is_out_of_the_money is 'call at or above the forward, put below it';
comment on macro total_variance is 'vol^2 T';
comment on macro vol_of is 'sqrt(total variance / T)';
comment on macro between_points is 'linear interpolation between two points';
comment on macro atm_vol_of is 'volatility at the forward, linear in total variance between its neighbours';
comment on macro parity_gap is 'C - P - S exp(-qT) + K exp(-rT)';
comment on macro parity_lower_bound is 'the least that call minus put may be worth';
comment on macro parity_upper_bound is 'the most that call minus put may be worth';
comment on macro theta_per_day is 'theta / 365';
comment on macro charm_per_day is 'charm / 365';
comment on macro vega_per_point is 'vega / 100';
comment on macro rho_per_point is 'rho / 100';
comment on macro is_in_session is 'was the market open at that instant, its close and a few minutes included';
comment on macro quote_quality is 'no_quote, crossed, off_hours, wide, stale or two_sided: the first that applies';
comment on macro mid_price is '(bid + ask) / 2 of a two-sided quote';
