-- Portfolios.

-- Return of equal weights that are restored at every bar: the mean of the members' returns. Unit:
-- 1.
-- NULL unless every member has a return.
-- Source: DeMiguel, Garlappi and Uppal (2009), Review of Financial Studies 22(5).
create or replace macro equal_weight_return(r) as case when count(r) = count(*) then avg(r) end;

comment on macro equal_weight_return is 'mean of the returns of all members; NULL unless all are known';
