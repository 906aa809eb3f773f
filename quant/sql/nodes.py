"""What a query may be made of: classes of sqlglot's tree and types; what is not here is refused."""

from sqlglot import exp

NODES = {
    # queries
    exp.Select, exp.Subquery, exp.Union, exp.Intersect, exp.Except, exp.Values, exp.With, exp.CTE, exp.From, exp.Join,
    exp.Table, exp.TableAlias, exp.Lateral, exp.Unnest, exp.TableSample, exp.Pivot, exp.UnpivotColumns, exp.PivotAlias,
    exp.Where, exp.Group, exp.Having, exp.Qualify, exp.Order, exp.Ordered, exp.Limit, exp.LimitOptions, exp.Offset,
    exp.Distinct, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Fetch,
    # names and values
    exp.Identifier, exp.Column, exp.PositionalColumn, exp.Dot, exp.Star, exp.Alias, exp.Aliases, exp.Var, exp.Literal,
    exp.RawString, exp.Boolean, exp.Null, exp.Paren, exp.Tuple, exp.Array, exp.Struct, exp.ToMap, exp.Map,
    exp.PropertyEQ,
    exp.Interval, exp.Bracket, exp.Slice, exp.Comprehension, exp.Lambda, exp.DataType, exp.DataTypeParam,
    exp.ColumnDef,
    # calls
    exp.Anonymous, exp.Cast, exp.TryCast, exp.Extract, exp.Trim, exp.Substring, exp.StrPosition, exp.Case, exp.If,
    exp.Filter, exp.Window, exp.WindowSpec, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls, exp.CurrentDate,
    exp.CurrentTime, exp.CurrentTimestamp, exp.Localtime, exp.Localtimestamp, exp.Exists, exp.Any, exp.All,
    # operators
    exp.And, exp.Or, exp.Not, exp.Xor, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ,
    exp.NullSafeNEQ, exp.Is, exp.In, exp.Between, exp.Like, exp.ILike, exp.Glob, exp.SimilarTo, exp.Escape,
    exp.RegexpLike, exp.StartsWith, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Pow, exp.Neg,
    exp.Abs, exp.DPipe, exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor, exp.BitwiseNot, exp.BitwiseLeftShift,
    exp.BitwiseRightShift, exp.AtTimeZone, exp.Collate, exp.JSONExtract, exp.JSONExtractScalar, exp.ArrayOverlaps,
    exp.ArrayContainsAll, exp.ArrayContainedBy,
}  # fmt: skip

TYPES = {
    exp.DType.BOOLEAN, exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT, exp.DType.INT128,
    exp.DType.UTINYINT, exp.DType.USMALLINT, exp.DType.UINT, exp.DType.UBIGINT, exp.DType.UINT128, exp.DType.FLOAT,
    exp.DType.DOUBLE, exp.DType.DECIMAL, exp.DType.TEXT, exp.DType.VARCHAR, exp.DType.CHAR, exp.DType.DATE,
    exp.DType.TIME, exp.DType.TIMETZ, exp.DType.TIMESTAMP, exp.DType.TIMESTAMPNTZ, exp.DType.TIMESTAMPTZ,
    exp.DType.TIMESTAMP_S, exp.DType.TIMESTAMP_MS, exp.DType.TIMESTAMP_NS, exp.DType.INTERVAL, exp.DType.ARRAY,
    exp.DType.LIST, exp.DType.STRUCT, exp.DType.MAP, exp.DType.JSON, exp.DType.UUID, exp.DType.VARBINARY,
    exp.DType.BIT,
}  # fmt: skip

ALIASES = {"uint8", "uint16", "uint32", "uint64", "integral", "guid"}  # types that sqlglot knows by other names only

UNITS = {  # of intervals
    "microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month", "quarter", "year", "decade",
    "century", "centurie", "millennium", "millennia",
}  # fmt: skip

INSPECT = "use `from meta.columns` for relations and their columns, and aggregates for what SUMMARIZE tells"
REMEDIES = {
    "Summarize": f"SUMMARIZE is not allowed: {INSPECT}",
    "Describe": f"DESCRIBE is not allowed: {INSPECT}",
    "Show": f"SHOW is not allowed: {INSPECT}",
    "EXPLAIN": "EXPLAIN is not allowed: run it in `quant sql`",
    "Placeholder": "parameters are not allowed: write the value into the query",
    "Parameter": "parameters are not allowed: write the value into the query",
    "Command": "only one select over the public relations is allowed",
    "Lock": "FOR UPDATE is not allowed: nothing can be changed here",
    "HistoricalData": "AT (VERSION or TIMESTAMP) is not allowed: the public relations are those of one build",
    "Into": "SELECT INTO is not allowed: nothing can be stored here",
    "Semicolon": "exactly one statement is allowed: remove the semicolon",
}

REFUSED_ARGS = {
    "when": "AT (VERSION or TIMESTAMP) is not allowed: the public relations are those of one build",
    "locks": "FOR UPDATE is not allowed: nothing can be changed here",
    "hint": "hints are not allowed: remove it",
    "laterals": "LATERAL VIEW is not allowed: use unnest",
    "connect": "CONNECT BY is not allowed",
    "match": "MATCH_RECOGNIZE is not allowed",
    "settings": "SETTINGS are not allowed",
    "format": "FORMAT is not allowed in a query: `format` of the request chooses it",
    "only": "ONLY is not allowed: remove it",
    "partition": "PARTITION of a relation is not allowed: use where",
    "version": "AT (VERSION) is not allowed",
}
