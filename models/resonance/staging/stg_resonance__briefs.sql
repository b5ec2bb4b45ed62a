{% set columns = [
    "position", "label", "year", "budget", "genres", "bill_order", "roles", "director", "top", "min_credits", "max_credits",
    "active_within_years", "actor_genres", "must_have", "excluded", "min_age", "max_age", "gender", "keywords",
] %}

with listed as (
    select * from {{ configured_seed("briefs", columns) }} as written
),

-- The sample's briefs name people of the sample: a home with briefs of its own asks those alone.
briefs as (
    select * from listed
    where
        is_own
        or not exists (
            select 1 from listed as own
            where own.is_own
        )
),

final as (
    select
        briefs.position as brief_no,
        nullif(trim(briefs.label), '') as asked_label,
        nullif(trim(briefs.year), '') as asked_year,
        nullif(trim(briefs.budget), '') as asked_budget,
        nullif(trim(briefs.genres), '') as asked_genres,
        nullif(trim(briefs.bill_order), '') as asked_bill_order,
        nullif(trim(briefs.roles), '') as asked_roles,
        nullif(trim(briefs.director), '') as asked_director,
        nullif(trim(briefs.top), '') as asked_top,
        nullif(trim(briefs.min_credits), '') as asked_min_credits,
        nullif(trim(briefs.max_credits), '') as asked_max_credits,
        nullif(trim(briefs.active_within_years), '') as asked_active_within_years,
        nullif(trim(briefs.actor_genres), '') as asked_actor_genres,
        nullif(trim(briefs.must_have), '') as asked_must_have,
        nullif(trim(briefs.excluded), '') as asked_excluded,
        nullif(trim(briefs.min_age), '') as asked_min_age,
        nullif(trim(briefs.max_age), '') as asked_max_age,
        nullif(trim(briefs.gender), '') as asked_gender,
        nullif(trim(briefs.keywords), '') as asked_keywords
    from briefs
)

select * from final
