-- Which contracts are options on the underlying alone, and in words why a chain has no surface.

-- Does a contract deliver something else than the shares of one underlying, as after a merger? OCC's symbol says so by
-- a digit at the end of its root, in front of the day, C or P, and the strike.
create or replace macro is_adjusted_contract(contract_symbol) as
    regexp_matches(contract_symbol, '[0-9][0-9]{6}[CP][0-9]{8}$');

-- What a quality of quotes or a status of volatilities means. Text; NULL for any other word.
create or replace macro quote_state_in_words(state) as
    case state
        when 'no_quote' then 'neither bid nor ask, or one of them missing'
        when 'crossed' then 'ask below bid'
        when 'off_hours' then 'quoted outside the session'
        when 'wide' then 'spread too wide'
        when 'stale' then 'not traded for days'
        when 'null_input' then 'no price of the underlying'
        when 'expired' then 'the contract has expired'
        when 'bad_input' then 'a price or strike that is none'
        when 'below_intrinsic' then 'worth less than its exercise'
        when 'no_time_value' then 'worth no more than its exercise'
        when 'above_max' then 'worth more than it can be'
        when 'ill_conditioned' then 'the price hardly depends on volatility' end;

-- A histogram of such words as text: '101 no_quote (neither bid nor ask, or one of them missing), 1 stale (...)'.
create or replace macro counts_in_words(counts) as
    array_to_string(
        list_transform(
            map_entries(counts),
            lambda entry: entry.value || ' ' || entry.key || coalesce(' (' || quote_state_in_words(entry.key) || ')', '')
        ),
        ', '
    );

-- Why a chain has no volatility at all; NULL where it has one. Text.
create or replace macro empty_surface_reason(count_quotes, count_priced, mids, qualities, statuses) as
    case when count_priced > 0 then null
         when count_quotes = 0 then 'the vendor lists no contract'
         when mids = 0 then 'no quote has a usable bid and ask: ' || counts_in_words(qualities)
         else 'no price gives a volatility: ' || counts_in_words(statuses) end;

-- How much a point of a smile counts in a fit of total variance: one over the square of what half the spread is worth in
-- it, 2 vol T times half the spread in volatility, which is never taken to be less than `least`: a tick is no certainty.
-- Unit: 1. NULL without vega.
create or replace macro quote_weight(bid, ask, vega, vol, t, least := 5e-4) as
    1 / nullif((2 * vol * t * greatest((ask - bid) / 2 / nullif(vega, 0), least)) * (
        2 * vol * t * greatest((ask - bid) / 2 / nullif(vega, 0), least)), 0);

-- Total variance of the SSVI surface at log moneyness x, where at the forward it is theta. Unit: 1.
-- Source: Gatheral and Jacquier (2014), Quantitative Finance 14(1), power-law phi.
create or replace macro ssvi_slope(theta, eta, gamma) as
    eta / nullif(pow(theta, gamma) * pow(1 + theta, 1 - gamma), 0);
create or replace macro ssvi_variance(x, theta, rho, eta, gamma) as
    theta / 2 * (1 + rho * ssvi_slope(theta, eta, gamma) * x + sqrt(
        (ssvi_slope(theta, eta, gamma) * x + rho) * (ssvi_slope(theta, eta, gamma) * x + rho) + 1 - rho * rho));

comment on macro is_adjusted_contract is 'does the root of a contract''s symbol end in a digit: it delivers something else';
comment on macro quote_state_in_words is 'what a quality of quotes or a status of volatilities means';
comment on macro counts_in_words is 'a histogram of qualities or statuses as text';
comment on macro empty_surface_reason is 'why a chain has no volatility at all, in words';
comment on macro quote_weight is 'weight of a point of a smile, from what bid and ask leave open';
comment on macro ssvi_slope is 'phi of the SSVI surface, power law';
comment on macro ssvi_variance is 'total variance of the SSVI surface at a log moneyness';
