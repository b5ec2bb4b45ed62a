-- A row of a bucket that no day published counts in the first of four wider cells that may be published: no published cell holds another,
-- so nothing can be subtracted. A week is written once, when all its days are released; the row of what stays hidden marks it as written.
-- depends_on: {{ ref("int_pulse__freeze_days") }}
{{ config(
    materialized="incremental",
    full_refresh=false,
    on_schema_change="append_new_columns",
    tags=["state"],
    incremental_strategy="insert_overwrite" if target.type == "spark" else "append",
    partition_by="week_on" if target.type == "spark" else none
) }}
{% set levels = [
    ("week_region_type", "hidden.region_code", "hidden.proj_type_code"), ("week_parent_type", "hidden.parent_code", "hidden.proj_type_code"),
    ("week_type", "'ALL'", "hidden.proj_type_code"), ("week", "'ALL'", "'ALL'"),
] %}
{% set carried = [
    "is_new", "parent_code", "role_key", "project_key", "is_lead", "is_union", "is_ai", "text_hash", "rate_day_usd", "view_count",
] %}

with scores as (
    {{ scores_of_texts(ref("int_pulse__keep_sentiment")) }}
),

log as (
    select * from {{ ref("release_log") }}
    where reopened_at is null
),

newest as (
    select max(date_utc) as newest_on from log
),

-- Strict publishes one level only, and off nothing.
-- noqa: disable=LT02, LT05, LT14, AL09
weeks as (
    select date_trunc('week', daily.date_utc)::date as week_on
    from {{ ref("pulse_daily") }} as daily
    left join log
        on daily.date_utc = log.date_utc and log.privacy_mode = 'standard'
    cross join newest
    where
        {{ "true" if privacy_mode() == "standard" else "false" }}
        {%- if is_incremental() %}
            and date_trunc('week', daily.date_utc)::date not in (select frozen.week_on from {{ this }} as frozen where frozen.reopened_at is null)
        {%- endif %}
    group by date_trunc('week', daily.date_utc)::date
    having
        count(distinct log.date_utc) = count(distinct daily.date_utc)
        and ({{ whole_number_var("pulse_open_days", 0) }} = 0 or date_trunc('week', max(newest.newest_on)) > max(daily.date_utc))
),

marked as (
    select classified.*, {{ is_new_role() }} as is_new
    from {{ ref("int_pulse__classify_rows") }} as classified
),

hidden as (
    select
        weeks.week_on as date_utc,
        coalesce(regions.parent_code, marked.region_code) as parent_code,
        marked.*
    from marked
    inner join weeks
        on date_trunc('week', marked.posted_on)::date = weeks.week_on
    left join {{ ref("stg_pulse__regions") }} as regions
        on marked.region_code = regions.region_code
    left join log
        on
            marked.posted_on = log.date_utc and marked.region_code = log.region_code and marked.proj_type_code = log.proj_type_code
            and log.suppression_reason is null
    where log.date_utc is null
),
{%- for level, region, proj_type in levels %}

rows_{{ loop.index }} as (
    select hidden.date_utc, {{ region }} as region_code, {{ proj_type }} as proj_type_code, hidden.{{ carried | join(", hidden.") }}
    from {{ "hidden" if loop.first else "rows_" ~ loop.index0 ~ " as hidden" }}
    {%- if not loop.first %}
    inner join cells_{{ loop.index0 }} as cells
        on
            hidden.date_utc = cells.date_utc and hidden.region_code = cells.region_code and hidden.proj_type_code = cells.proj_type_code
            and cells.suppression_reason is not null
    {%- endif %}
),

cells_{{ loop.index }} as (
    select
        '{{ level }}' as cell_level,
        cells.*,
        {{ standard_suppression("cells") }} as suppression_reason,
        {{ standard_draws("cells", level) }}
    from ({{ cell_figures("rows_" ~ loop.index, ["date_utc", "region_code", "proj_type_code"], "bool_or(is_new)") }}) as cells
),
{%- endfor %}

drawn as (
    {%- for level in levels %}
        select * from cells_{{ loop.index }}
        {{ "where suppression_reason is null union all" if not loop.last }}
    {%- endfor %}
),

final as (
    select
        weeks.week_on::date as week_on,
        coalesce(drawn.cell_level, 'week')::string as cell_level,
        coalesce(drawn.region_code, 'ALL')::string as region_code,
        coalesce(drawn.proj_type_code, 'ALL')::string as proj_type_code,
        {{ released_measures("drawn") }},
        coalesce(drawn.suppression_reason, if(drawn.cell_level is null, 'too_few_rows', null))::string as suppression_reason,
        coalesce(drawn.role_count_day, 0)::bigint as true_row_count,
        pulse_key_id()::string as key_id,
        null::timestamp as reopened_at
    from weeks
    left join drawn
        on weeks.week_on = drawn.date_utc
)

select * from final
