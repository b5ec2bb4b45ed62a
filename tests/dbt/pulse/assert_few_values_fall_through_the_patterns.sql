-- A value that no pattern knows counts as UNKNOWN, V or no lead. A few are normal; past 5 % of the rows the patterns lack something.
{{ config(severity="warn") }}

with coverage as (
    select * from {{ ref("map_coverage") }}
)

select
    coverage.field,
    sum(coverage.row_count) filter (where coverage.code is null) as fallen_count,
    sum(coverage.row_count) as row_count
from coverage
group by coverage.field
having sum(coverage.row_count) filter (where coverage.code is null) > 0.05 * sum(coverage.row_count)
