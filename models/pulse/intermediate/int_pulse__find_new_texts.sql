with deliveries as (
    select * from {{ ref("int_pulse__judge_deliveries") }}
    where is_in_force
),

notices as (
    select * from {{ ref("stg_pulse__notices") }}
    where {{ filled("role_description") }} is not null and {{ "false" if sentiment_choice() == "none" else "true" }}
),

cut as (
    select distinct left(notices.role_description, 20000) as text
    from notices
    inner join deliveries
        on notices.delivery_no = deliveries.delivery_no
),

texts as (
    select
        {{ text_key("cut.text") }} as text_hash,
        cut.text
    from cut
),

in_database as (
    {{ chosen_scores_in_database() }}
),

on_file as (
    {{ chosen_scores_on_file() }}
),

final as (
    select
        texts.text_hash,
        texts.text,
        {{ text_literal(sentiment_choice()) }} as sentiment_model,
        {{ text_literal(sentiment_choice_version()) }} as model_version
    from texts
    left join in_database
        on texts.text_hash = in_database.text_hash
    left join on_file
        on texts.text_hash = on_file.text_hash
    where in_database.text_hash is null and on_file.text_hash is null
)

select * from final
