with texts as (
    select * from {{ ref("int_pulse__distinct_texts") }}
    where {{ "false" if sentiment_choice() == "none" else "true" }}
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
