-- Rates that options are discounted with, and which contracts are options on the underlying alone.

-- Continuous rate of a bill that is quoted at a bank discount (0.043 is 4.3 %, of the face, on 360 days).
-- Unit: decimal per year, ACT/365. NULL where the bill would cost nothing.
-- Source: Stigum and Crescenzi (2007), Stigum's Money Market, ch. 4; 13 weeks as ^IRX.
create or replace macro bill_rate(discount, days := 91) as
    -ln_or_null(1 - discount * days / 360) * 365 / nullif(days, 0);

-- Does a contract deliver something else than the shares of one underlying, as after a merger? OCC's symbol says so by
-- a digit at the end of its root, in front of the day, C or P, and the strike.
create or replace macro is_adjusted_contract(contract_symbol) as
    regexp_matches(contract_symbol, '[0-9][0-9]{6}[CP][0-9]{8}$');

comment on macro bill_rate is 'continuous rate of a bill that is quoted at a bank discount';
comment on macro is_adjusted_contract is 'does the root of a contract''s symbol end in a digit: it delivers something else';
