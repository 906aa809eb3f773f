"""What of the events in a build is news: those on bars that nobody has looked at yet, and what came late."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Self

from quant.messages import Alert
from quant.settings.notifications import Selection
from quant.warehouse import Reading

ENDS = """
select source, symbol, interval, max(end_ts) as end_ts
from bars.bars
semi join (select series_id, newest_ts as ts from bars.changes where kind <> 'gone') using (series_id, ts)
group by source, symbol, interval
union all
select source, underlying, null, max(fetched_at) from signals.option_chains group by source, underlying
"""
DATA_RULES = "select rule, thresholds, is_on from config.signal_rules where kind = 'data'"
FORMULAS = "select fingerprint from meta.builds order by started_at desc limit 1"
READ = {"bars.bars", "bars.changes", "signals.option_chains", "config.signal_rules", "meta.builds"}
TABLES = "select table_schema || '.' || table_name as name from information_schema.tables"


@dataclass(frozen=True)
class Horizon:
    """How far a build sees, and by what rules: `ends` is the newest bar's end (an instant as text) by series."""

    formulas: str  # the build's fingerprint: formulas, rules, thresholds
    data_rules: dict[str, str] = field(default_factory=dict)  # their settings; what they find is of no bar
    ends: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, reading: Reading) -> Self | None:
        """Of a build; None of one that does not say."""
        if not {row["name"] for row in reading.rows(TABLES)} >= READ:
            return None
        rules = {row["rule"]: f"{row['is_on']} {row['thresholds']}" for row in reading.rows(DATA_RULES)}
        ends = {
            _series(row["source"], row["symbol"], row["interval"]): row["end_ts"].isoformat()
            for row in reading.rows(ENDS)
            if row["end_ts"]
        }
        return cls(reading.rows(FORMULAS)[0]["fingerprint"], rules, ends)

    @classmethod
    def from_json(cls, text: str) -> Self | None:
        """None before the first look, or of one noted in a way that we do not know."""
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError):
            return None

    def as_json(self, earlier: "Horizon | None") -> str:
        """With the series that were seen before and are away now: they may come back."""
        return json.dumps(asdict(self) | {"ends": (earlier.ends if earlier else {}) | self.ends})

    def hid(self, alert: Alert, now: "Horizon") -> bool:
        """Whether the alert is only there because something else looks, or at more series, than at this horizon."""
        if alert.kind == "data":
            return self.data_rules.get(alert.rule) != now.data_rules.get(alert.rule)
        series = _series(alert.source, alert.symbol, alert.interval)
        if series not in now.ends:
            return False
        if series not in self.ends:
            return True
        return self.formulas != now.formulas and alert.end_ts <= datetime.fromisoformat(self.ends[series])


@dataclass(frozen=True)
class Look:
    """What one build says, all of it from the same build."""

    alerts: Sequence[Alert]
    horizon: Horizon | None = None


@dataclass(frozen=True)
class Judge:
    """What is no news to anyone: by what was selected, and how far was seen, when last looked at."""

    selection: Selection
    earlier: Horizon | None
    horizon: Horizon | None

    def news(self, unknown: Sequence[Alert], since: str | None, oldest: datetime) -> Iterator[tuple[Alert, str]]:
        """Each alert that a destination does not know, with the status to note it with."""
        for alert in unknown:
            lasts = alert.kind == "data"
            if not lasts and since is not None and alert.end_ts < datetime.fromisoformat(since):
                continue
            if since is None or not wants(self.selection, alert) or self._was_hidden(alert):
                yield alert, "known"
            else:
                yield alert, "pending" if lasts or alert.end_ts >= oldest else "expired"

    def _was_hidden(self, alert: Alert) -> bool:
        return self.earlier is not None and self.horizon is not None and self.earlier.hid(alert, self.horizon)


def wants(selection: Selection, alert: Alert) -> bool:
    return selection.wants(alert.kind, alert.rule, alert.symbol, alert.interval)


def _series(source: str | None, symbol: str | None, interval: str | None) -> str:
    return " ".join(name or "-" for name in (source, symbol, interval))
