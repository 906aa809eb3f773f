-- What the right to exercise before expiry is worth, by the UDFs of udfs/american.py: at a prompt without
-- Python read options.american_quotes.

-- One row per contract with a mid: its volatility with that right (american_iv; of a European option the
-- plain one), the lattice's price with the right and without it at that volatility, and the difference. Cash
-- dividends are not known here: the yield stands for them. NULL where the price has no volatility. Units: 1
-- per sqrt(year); price.
create or replace macro american_values(relation) as table
    with

    implied as (
        select
            *,
            american_implied_vol(
                case when is_american then mid end, is_call, spot, strike, years, rate, dividend_yield,
                null, null
            ).iv as solved_vol
        from query_table(relation)
        where mid is not null
    ),

    priced_again as (
        select
            *, case when is_american then solved_vol else implied_vol end as american_iv,
            american_price(
                is_call, spot, strike, years, rate,
                case when is_american then solved_vol else implied_vol end, dividend_yield, null, null
            ) as american
        from implied
    )

    select
        source, underlying, ingest_run_id, quoted_at, expires_at, strike, is_call, mid, american_iv,
        american.price as american_price, american.european_price as european_price,
        american.early_exercise_premium as early_exercise_premium
    from priced_again;

-- Price with the right to exercise before expiry, at the volatility that the quote implies. Unit: price. NULL
-- where the price has no volatility. Source: Leisen and Reimer (1996), Applied Mathematical Finance 3(4).
create or replace macro american_price(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, strike, is_call, american_price as value
    from american_values(priced);

-- What that right is worth: the American price less the European one at the same volatility. Unit: price; 0
-- or more. Source: Barone-Adesi and Whaley (1987), J. Finance 42(2).
create or replace macro early_exercise_premium(priced) as table
    select source, underlying, ingest_run_id, quoted_at, expires_at, strike, is_call,
        early_exercise_premium as value
    from american_values(priced);

comment on macro table american_values is
    'volatility, price and early exercise premium of each American contract';
comment on macro table american_price is 'price with the right to exercise before expiry, of each contract';
comment on macro table early_exercise_premium is
    'what the right to exercise before expiry is worth, of each contract';
