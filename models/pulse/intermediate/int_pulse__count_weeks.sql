-- A bucket's roles are at least those of its own cells. What its hidden days held is in the first wider cell that was published, if not in
-- one of its own; without any they were fewer than five roles. Roles of unknown type are in the week's mixed cell.
{% set series = [
    ("region_code", "proj_type_code", "cell_level in ('day', 'week_region_type')"), ("'ALL'", "proj_type_code", "proj_type_code <> 'ALL'"),
    ("'ALL'", "'ALL'", "true"),
] %}

with days as (
    select * from {{ ref("int_pulse__freeze_days") }}
    where reopened_at is null
),

frozen as (
    select * from {{ ref("int_pulse__freeze_weeks") }}
    where reopened_at is null
),

cells as (
    select
        date_trunc('week', date_utc)::date as week_on,
        'day' as cell_level,
        region_code,
        proj_type_code,
        new_role_count,
        role_count_day
    from days
    union all
    select
        week_on,
        cell_level,
        region_code,
        proj_type_code,
        new_role_count,
        role_count_day
    from frozen
    where suppression_reason is null
),

members as (
    {%- for region, proj_type, condition in series %}
        select
            week_on,
            {{ region }} as region_code,
            {{ proj_type }} as proj_type_code,
            cell_level,
            new_role_count,
            role_count_day
        from cells
        where {{ condition }}
        {{ "union all" if not loop.last }}
    {%- endfor %}
),

buckets as (
    select distinct
        region_code,
        proj_type_code
    from members
),

-- A week that began before the first day is not whole.
weeks as (
    select distinct week_on from frozen
    where week_on >= (select min(days.date_utc) from days)
),

counted as (
    select
        weeks.week_on,
        buckets.region_code,
        buckets.proj_type_code,
        count(members.week_on) as cell_count,
        count(members.week_on) filter (where members.cell_level = 'day') as published_day_count,
        coalesce(sum(members.new_role_count), 0)::bigint as role_count,
        coalesce(sum(members.role_count_day), 0)::bigint as view_count,
        count(members.new_role_count) = count(members.week_on) as has_roles
    from weeks
    cross join buckets
    left join members
        on
            weeks.week_on = members.week_on and buckets.region_code = members.region_code
            and buckets.proj_type_code = members.proj_type_code
    group by weeks.week_on, buckets.region_code, buckets.proj_type_code
),

final as (
    select
        counted.week_on,
        counted.region_code,
        counted.proj_type_code,
        counted.cell_count,
        counted.published_day_count,
        counted.role_count,
        counted.view_count,
        totals.has_roles,
        case
            when counted.region_code = 'ALL' and counted.proj_type_code <> 'ALL' then greatest(0, coalesce(mixed.new_role_count, 0))
            when counted.cell_count > counted.published_day_count or counted.published_day_count = 7 then 0
            else greatest(0, coalesce(parents.new_role_count, wider.new_role_count, mixed.new_role_count, 4))
        end::bigint as hidden_role_count,
        greatest(1, totals.role_count)::bigint as type_role_count,
        greatest(0, coalesce(mixed.new_role_count, 0))::bigint as mixed_role_count
    from counted
    inner join counted as totals
        on counted.week_on = totals.week_on and counted.proj_type_code = totals.proj_type_code and totals.region_code = 'ALL'
    left join {{ ref("stg_pulse__regions") }} as regions
        on counted.region_code = regions.region_code
    left join cells as parents
        on
            counted.week_on = parents.week_on and parents.cell_level = 'week_parent_type' and regions.parent_code = parents.region_code
            and counted.proj_type_code = parents.proj_type_code
    left join cells as wider
        on counted.week_on = wider.week_on and wider.cell_level = 'week_type' and counted.proj_type_code = wider.proj_type_code
    left join cells as mixed
        on counted.week_on = mixed.week_on and mixed.cell_level = 'week'
)

select * from final
