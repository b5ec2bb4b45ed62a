-- What was said stays: a value that is new, or no longer what was said last, is written below with the time and the next revision.
{{ config(
    materialized="incremental",
    incremental_strategy="append",
    full_refresh=false,
    on_schema_change="append_new_columns",
    tags=["state"]
) }}
{% set bucket = ["region_code", "proj_type_code"] %}
{% set least_base = 20 %}
-- 90 % of a normal distribution
{% set band = 1.645 %}

with weeks as (
    select
        *,
        greatest(0, role_count) as positive_role_count,
        2 * (cell_count + 1) as noise_variance
    from {{ ref("int_pulse__count_weeks") }}
    where has_roles
),

-- Roles come in projects: how much more than single ones they vary by week, by the median of all series. 0.455: a squared normal's.
dispersion as (
    select
        greatest(1, coalesce(median(
            pow(weeks.role_count - past.role_count, 2)
            / (weeks.role_count + past.role_count + weeks.noise_variance + past.noise_variance)
        ) / 0.455, 1)) as factor
    from weeks
    inner join weeks as past
        on
            weeks.week_on = past.week_on + 7 and weeks.region_code = past.region_code and weeks.proj_type_code = past.proj_type_code
    where least(weeks.role_count, past.role_count) >= 20 and weeks.hidden_role_count = 0 and past.hidden_role_count = 0
),

numbered as (
    select
        weeks.*,
        row_number() over (partition by weeks.region_code, weeks.proj_type_code order by weeks.week_on asc nulls last) as week_no
    from weeks
),

bases as (
    select
        {{ bucket | join(", ") }},
        sum(role_count) / 4 as role_count,
        sum(hidden_role_count) / 4 as hidden_role_count,
        sum(view_count) / 4 as view_count,
        sum(noise_variance) / 16 as noise_variance
    from numbered
    where week_no <= 4
    group by {{ bucket | join(", ") }}
    having count(*) = 4 and sum(role_count) >= {{ least_base }}
),

spread as (
    select
        numbered.*,
        bases.role_count as base,
        bases.role_count + bases.hidden_role_count as most_base,
        bases.view_count as base_view_count,
        -- A small count says less of how much it varies than what is behind it: the band of a score, whose middle lies above the count.
        numbered.role_count + {{ band * band / 2 }} * dispersion.factor as middle,
        {{ band }} * sqrt(
            dispersion.factor * numbered.positive_role_count + numbered.noise_variance + pow({{ band / 2 }} * dispersion.factor, 2)
            + pow(numbered.role_count / bases.role_count, 2) * (dispersion.factor * bases.role_count / 4 + bases.noise_variance)
        ) as error
    from numbered
    inner join bases
        on numbered.region_code = bases.region_code and numbered.proj_type_code = bases.proj_type_code
    cross join dispersion
),

said as (
    select
        spread.week_on::date as week_on,
        spread.region_code::string as region_code,
        spread.proj_type_code::string as proj_type_code,
        spread.positive_role_count::bigint as role_count,
        spread.hidden_role_count::bigint as hidden_role_count,
        {{ rounded("100 * spread.positive_role_count / spread.base", 1) }}::double as index_value,
        {{ rounded("greatest(0, 100 * spread.middle / spread.most_base - 100 * spread.error / spread.base)", 1) }}::double
            as index_low,
        {{ rounded("100 * (spread.middle + spread.hidden_role_count + spread.error) / spread.base", 1) }}::double as index_high,
        {{ rounded("100 * spread.view_count / spread.base_view_count", 1) }}::double as views_index,
        0 as revision
    from spread
),

earlier as (
    select
        *,
        row_number() over (partition by week_on, region_code, proj_type_code order by revision desc nulls last) as place
    from {{ this if is_incremental() else "said" }}
    where {{ "true" if is_incremental() else "false" }}
),

final as (
    select
        said.week_on,
        said.region_code,
        said.proj_type_code,
        said.role_count,
        said.hidden_role_count,
        said.index_value,
        said.index_low,
        said.index_high,
        said.views_index,
        {{ run_started_timestamp() }} as said_at,
        (coalesce(earlier.revision, 0) + 1)::integer as revision
    from said
    left join earlier
        on
            said.week_on = earlier.week_on and said.region_code = earlier.region_code and said.proj_type_code = earlier.proj_type_code
            and earlier.place = 1
    where earlier.index_value is null or said.index_value <> earlier.index_value or said.views_index <> earlier.views_index
)

select * from final
