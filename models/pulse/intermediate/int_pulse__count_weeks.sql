-- A bucket's roles are at least those of its own cells. What its hidden days held is in the first wider cell that was published, if not in
-- one of its own; without any they were fewer than five roles. Roles of unknown type are in the week's mixed cell.
{% set bucket = ["region_code", "proj_type_code"] %}

with days as (
    select * from {{ ref("int_pulse__freeze_days") }}
    where reopened_at is null
),

frozen as (
    select * from {{ ref("int_pulse__freeze_weeks") }}
    where reopened_at is null
),

starts as (
    select min(date_utc) as first_on from days
),

-- A week that began before the first day is not whole.
weeks as (
    select distinct frozen.week_on
    from frozen
    inner join starts
        on frozen.week_on >= starts.first_on
),

cells as (
    select
        date_trunc('week', date_utc)::date as week_on,
        'day' as cell_level,
        {{ bucket | join(", ") }},
        new_role_count,
        role_count_day
    from days
    union all
    select
        week_on,
        cell_level,
        {{ bucket | join(", ") }},
        new_role_count,
        role_count_day
    from frozen
    where suppression_reason is null
),

types as (
    select
        week_on,
        proj_type_code,
        count(*) as cell_count,
        coalesce(sum(new_role_count), 0)::bigint as role_count,
        sum(role_count_day)::bigint as view_count,
        count(*) = count(new_role_count) as has_roles
    from cells
    group by week_on, proj_type_code
),

own_cells as (
    select * from cells
    where cell_level in ('day', 'week_region_type')
),

listed as (
    select distinct {{ bucket | join(", ") }} from own_cells
),

buckets as (
    select
        weeks.week_on,
        listed.region_code,
        listed.proj_type_code,
        count(cells.week_on) as cell_count,
        count(cells.week_on) filter (where cells.cell_level = 'day') as published_day_count,
        coalesce(sum(cells.new_role_count), 0)::bigint as role_count,
        coalesce(sum(cells.role_count_day), 0)::bigint as view_count
    from weeks
    cross join listed
    left join own_cells as cells
        on
            weeks.week_on = cells.week_on and listed.region_code = cells.region_code and listed.proj_type_code = cells.proj_type_code
    group by weeks.week_on, listed.region_code, listed.proj_type_code
),

counted as (
    select
        buckets.*,
        case
            when buckets.cell_count > buckets.published_day_count or buckets.published_day_count = 7 then 0
            else greatest(0, coalesce(parents.new_role_count, wider.new_role_count, mixed.role_count, 4))
        end::bigint as hidden_role_count,
        greatest(1, types.role_count)::bigint as type_role_count,
        greatest(0, coalesce(mixed.role_count, 0))::bigint as mixed_role_count,
        types.has_roles
    from buckets
    inner join {{ ref("stg_pulse__regions") }} as regions
        on buckets.region_code = regions.region_code
    inner join types
        on buckets.week_on = types.week_on and buckets.proj_type_code = types.proj_type_code
    left join types as mixed
        on buckets.week_on = mixed.week_on and mixed.proj_type_code = 'ALL'
    left join cells as parents
        on
            buckets.week_on = parents.week_on and parents.cell_level = 'week_parent_type' and regions.parent_code = parents.region_code
            and buckets.proj_type_code = parents.proj_type_code
    left join cells as wider
        on buckets.week_on = wider.week_on and wider.cell_level = 'week_type' and buckets.proj_type_code = wider.proj_type_code
),

-- Whole sums: of a type, beside which the mixed cell may hold more, and of the week.
final as (
    select * from counted
    union all
    select
        types.week_on,
        'ALL' as region_code,
        types.proj_type_code,
        types.cell_count,
        0 as published_day_count,
        types.role_count,
        types.view_count,
        greatest(0, coalesce(mixed.role_count, 0))::bigint as hidden_role_count,
        greatest(1, types.role_count)::bigint as type_role_count,
        greatest(0, coalesce(mixed.role_count, 0))::bigint as mixed_role_count,
        types.has_roles
    from types
    inner join weeks
        on types.week_on = weeks.week_on
    left join types as mixed
        on types.week_on = mixed.week_on and mixed.proj_type_code = 'ALL'
    where types.proj_type_code <> 'ALL'
    union all
    select
        types.week_on,
        'ALL' as region_code,
        'ALL' as proj_type_code,
        sum(types.cell_count)::bigint as cell_count,
        0 as published_day_count,
        sum(types.role_count)::bigint as role_count,
        sum(types.view_count)::bigint as view_count,
        0 as hidden_role_count,
        greatest(1, sum(types.role_count))::bigint as type_role_count,
        0 as mixed_role_count,
        bool_and(types.has_roles) as has_roles
    from types
    inner join weeks
        on types.week_on = weeks.week_on
    group by types.week_on
)

select * from final
