with classified as (
    select * from {{ ref("int_pulse__classify_rows") }}
),

scores as (
    {{ scores_of_texts(ref("int_pulse__keep_sentiment")) }}
),

sums as (
    {{ cell_figures("classified", ["posted_on", "region_code", "proj_type_code"], is_new_role()) }}
),

final as (
    select
        sums.posted_on::date as date_utc,
        sums.region_code::string as region_code,
        sums.proj_type_code::string as proj_type_code,
        {{ exact_measures("sums") }},
        sums.lead_count::bigint as lead_count,
        sums.union_count::bigint as union_count,
        sums.ai_count::bigint as ai_count,
        sums.text_count::bigint as text_count,
        sums.polarity_millionths_sum::bigint as polarity_millionths_sum,
        sums.priced_count::bigint as priced_count,
        sums.distinct_role_count::bigint as distinct_role_count,
        sums.text_role_count::bigint as text_role_count,
        sums.priced_role_count::bigint as priced_role_count,
        sums.largest_project_role_count::bigint as largest_project_role_count,
        sums.new_role_count::bigint as new_role_count
    from sums
)

select * from final
