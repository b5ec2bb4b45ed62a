with notices as (
    select * from {{ ref("stg_pulse__notices") }}
),

patterns as (
    select * from {{ ref("stg_pulse__patterns") }}
    where field = 'place'
),

regions as (
    select * from {{ ref("stg_pulse__regions") }}
),

written as (
    select distinct notices.work_city as value
    from notices
    where notices.work_city is not null
),

-- One text each, which the function takes apart once: rows end in chr(30), cells in chr(31).
pattern_list as (
    select
        {{ ordered(
            "string_agg",
            "concat_ws(chr(31), patterns.pattern, patterns.code, patterns.priority::string, patterns.is_own::string), chr(30)",
            "concat_ws(chr(31), patterns.pattern, patterns.code, patterns.priority::string, patterns.is_own::string)"
        ) }} as list_text
    from patterns
),

area_list as (
    select {{ ordered("string_agg", "regions.areas, chr(30)", "regions.areas") }} as list_text
    from regions
),

found as (
    select
        written.value,
        find_region(written.value, pattern_list.list_text, area_list.list_text) as region
    from written
    cross join pattern_list
    cross join area_list
),

final as (
    select
        found.value,
        found.region.code,
        found.region.pattern,
        found.region.runner_up,
        found.region.is_tied
    from found
)

select * from final
