{{ config(
    materialized="incremental",
    incremental_strategy="append",
    full_refresh=false,
    tags=["state"],
    post_hook="{{ write_scores_to_file() }}"
) }}

with scored as (
    {{ new_scores() }}
),

texts as (
    select * from {{ ref("int_pulse__classify_rows") }}
    where text_hash is not null and {{ "false" if sentiment_choice() == "none" else "true" }}
),

on_file as (
    {{ chosen_scores_on_file() }}
),

kept as (
    {{ chosen_scores_in_database() }}
),

found as (
    select * from scored
    union all
    select on_file.*
    from on_file
    where on_file.text_hash in (select texts.text_hash from texts)
),

final as (
    select
        found.text_hash::bigint as text_hash,
        found.sentiment_model::string as sentiment_model,
        found.model_version::string as model_version,
        found.polarity::double as polarity,
        found.polarity_millionths::bigint as polarity_millionths
    from found
    left join kept
        on found.text_hash = kept.text_hash
    where kept.text_hash is null
    -- Two runs at once may have written one text each.
    qualify row_number() over (
        partition by found.text_hash, found.sentiment_model, found.model_version
        order by found.polarity nulls last
    ) = 1
)

select * from final
