-- The SVI curve of an expiry: total variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)) over log
-- moneyness k. Source: Gatheral (2004), A parsimonious arbitrage-free implied volatility parametrization;
-- Gatheral and Jacquier (2014), Quantitative Finance 14(1).

-- Its height, slope and curvature in k. Unit: 1. The curvature is NULL at the kink of a curve with sigma 0.
create or replace macro svi_total_variance(k, a, b, rho, m, sigma) as
    a + b * (rho * (k - m) + sqrt((k - m) * (k - m) + sigma * sigma));
create or replace macro svi_slope(k, b, rho, m, sigma) as
    b * (rho + (k - m) / nullif(sqrt((k - m) * (k - m) + sigma * sigma), 0));
create or replace macro svi_curvature(k, b, m, sigma) as
    b * sigma * sigma / nullif(power_or_null((k - m) * (k - m) + sigma * sigma, 1.5::double), 0);

-- Volatility of the curve. Unit: 1 per sqrt(year).
create or replace macro svi_vol(k, t, a, b, rho, m, sigma) as
    vol_of(svi_total_variance(k, a, b, rho, m, sigma), t);

-- Durrleman's condition: g(k) = (1 - k w' / 2w)^2 - w'^2 / 4 (1 / w + 1 / 4) + w'' / 2, the sign of the
-- density of the price at expiry. Unit: 1; negative where butterflies would cost less than nothing. NULL
-- unless w > 0. Source: Gatheral and Jacquier (2014), lemma 2.2.
create or replace macro durrleman_of(k, variance, slope, curvature) as
    case when variance > 0
         then (1 - k * slope / (2 * variance)) * (1 - k * slope / (2 * variance))
             - slope * slope / 4 * (1 / variance + 25e-2) + curvature / 2 end;
create or replace macro svi_durrleman(k, a, b, rho, m, sigma) as
    durrleman_of(
        k, svi_total_variance(k, a, b, rho, m, sigma), svi_slope(k, b, rho, m, sigma),
        svi_curvature(k, b, m, sigma)
    );

-- The points of each smile as lists for a fit: log moneyness, total variance, weight. A point counts by what
-- bid and ask of the option out of the money leave open.
create or replace macro svi_points(relation) as table
    with sided as (
        select source, underlying, ingest_run_id, expires_at, strike, is_call, any_value(bid) as bid,
            any_value(ask) as ask, any_value(vega) as vega
        from query_table(relation)
        group by source, underlying, ingest_run_id, expires_at, strike, is_call
    )
    select
        source, underlying, ingest_run_id, expires_at, max(quoted_at) as quoted_at,
        any_value(expiry_on) as expiry_on, any_value(years) as years, any_value(forward) as forward,
        list(log_moneyness order by strike) as k, list(total_variance order by strike) as w,
        list(quote_weight(bid, ask, vega, implied_vol, years) order by strike) as weight
    from smile(relation)
    join sided using (source, underlying, ingest_run_id, expires_at, strike, is_call)
    group by source, underlying, ingest_run_id, expires_at;

-- The curve of each expiry that has five strikes, without butterfly arbitrage. By the UDF svi_fit: at a
-- prompt without Python read options.svi_fits. Its parameters and its error: svi_a and svi_b in units of
-- total variance, svi_rho, svi_m in log moneyness, svi_sigma too; NULL without a fit. Off exact data compare
-- w(k), not parameters.
create or replace macro svi_curves(relation) as table
    with fitted as (select *, svi_fit(k, w, weight) as fit from svi_points(relation))
    select
        source, underlying, ingest_run_id, quoted_at, expires_at, expiry_on, years, forward, fit.a as svi_a,
        fit.b as svi_b, fit.rho as svi_rho, fit.m as svi_m, fit.sigma as svi_sigma, fit.rmse as svi_rmse,
        fit.status as svi_status
    from fitted;

-- Level of the SVI curve of each expiry. Unit: 1, of total variance. NULL with fewer than five strikes.
-- Source: Gatheral (2004), A parsimonious arbitrage-free implied volatility parametrization.
create or replace macro svi_a(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, svi_a as value
    from svi_curves(priced);

-- How steep its wings are, b (1 + rho) and b (1 - rho). Unit: total variance per log moneyness; 0 or more.
-- NULL with fewer than five strikes.
-- Source: Gatheral (2004), A parsimonious arbitrage-free implied volatility parametrization.
create or replace macro svi_b(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, svi_b as value
    from svi_curves(priced);

-- Its tilt. Unit: 1, -1 to 1. NULL with fewer than five strikes.
-- Source: Gatheral (2004), A parsimonious arbitrage-free implied volatility parametrization.
create or replace macro svi_rho(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, svi_rho as value
    from svi_curves(priced);

-- Its place. Unit: log moneyness. NULL with fewer than five strikes.
-- Source: Gatheral (2004), A parsimonious arbitrage-free implied volatility parametrization.
create or replace macro svi_m(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, svi_m as value
    from svi_curves(priced);

-- How round it is at the bottom. Unit: log moneyness; above 0. NULL with fewer than five strikes.
-- Source: Gatheral (2004), A parsimonious arbitrage-free implied volatility parametrization.
create or replace macro svi_sigma(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, svi_sigma as value
    from svi_curves(priced);

-- One row per fit of a relation with svi_a ... svi_sigma: the least g on a grid of log moneyness from -width
-- to width, where it is, and whether the curve admits butterfly arbitrage there. Unit: 1. NULL without a fit.
create or replace macro durrleman_checks(fits, width := 1.5) as table
    with
    steps as (select (range - 150) / 150 * width as k from range(301)),
    valued as (
        select
            source, underlying, ingest_run_id, expires_at, k,
            svi_durrleman(k, svi_a, svi_b, svi_rho, svi_m, svi_sigma) as g
        from query_table(fits)
        cross join steps
    )
    select
        source, underlying, ingest_run_id, expires_at, min(g) as least_g,
        arg_min(k, (g, k)) filter (g is not null) as log_moneyness,
        min(g) < -1e-9 as is_violation
    from valued
    group by source, underlying, ingest_run_id, expires_at;

comment on macro svi_total_variance is 'a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2))';
comment on macro svi_slope is 'slope of the SVI curve in log moneyness';
comment on macro svi_curvature is 'second derivative of the SVI curve in log moneyness';
comment on macro svi_vol is 'volatility of the SVI curve';
comment on macro durrleman_of is 'g(k): negative where a smile has butterfly arbitrage';
comment on macro svi_durrleman is 'g(k) of the SVI curve: negative where it has butterfly arbitrage';
comment on macro table svi_points is 'log moneyness, total variance and weight of each smile, as lists';
comment on macro table svi_curves is 'the SVI curve of each expiry';
comment on macro table svi_a is 'level of the SVI curve, of each expiry';
comment on macro table svi_b is 'slope between the wings of the SVI curve, of each expiry';
comment on macro table svi_rho is 'tilt of the SVI curve, of each expiry';
comment on macro table svi_m is 'place of the SVI curve in log moneyness, of each expiry';
comment on macro table svi_sigma is 'roundness of the SVI curve at its lowest, of each expiry';
comment on macro table durrleman_checks is 'least g(k) of each SVI curve, and where';
