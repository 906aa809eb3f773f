-- Which contracts are options on the underlying alone.

-- Does a contract deliver something else than the shares of one underlying, as after a merger? OCC's symbol says so by
-- a digit at the end of its root, in front of the day, C or P, and the strike.
create or replace macro is_adjusted_contract(contract_symbol) as
    regexp_matches(contract_symbol, '[0-9][0-9]{6}[CP][0-9]{8}$');

comment on macro is_adjusted_contract is 'does the root of a contract''s symbol end in a digit: it delivers something else';
