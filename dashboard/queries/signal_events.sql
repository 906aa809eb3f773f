-- One row per event of the chosen rule, symbol, interval, direction and while, the newest first.
select
    case kind
        when 'option' then '/options?symbol=' || url_encode(symbol)
        else '/price?symbol=' || url_encode(symbol) || '&interval=' || url_encode(interval)
    end as place,
    end_ts, symbol, interval, direction, rule, explanation, close, next_return, past_hit_rate,
    past_mean_return, past_events, source
from serving.final_signals
where ($rule is null or rule = $rule)
    and ($symbol is null or symbol = $symbol)
    and ($interval is null or interval = $interval)
    and ($direction is null or direction = $direction) and end_ts > $since::timestamptz
order by end_ts desc, signal_id
limit $limit
