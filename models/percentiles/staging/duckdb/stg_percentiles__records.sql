{{ config(enabled=target.type == "duckdb" and var("products").percentiles) }}

-- Fields are read as text first, so that nothing is guessed: 1_000 or true is not a score.
with landed as (
    select * from {{ ref("stg_percentiles__landed") }}
    where position > 0
),

parsed as (
    select
        landed.*,
        json_type(landed.payload, ['$', '$.id']) as json_types,
        json_extract_string(landed.payload, ['$.id', '$.score', '$.industry']) as field_texts
    from landed
),

fields as (
    select
        parsed.file_name,
        parsed.batch_no,
        parsed.revision,
        parsed.position,
        parsed.payload,
        parsed.json_types[1] = 'OBJECT' as is_object,
        contains(array_to_string(parsed.field_texts, ' '), chr(0)) as has_unusable_character,
        case when parsed.json_types[2] in ('VARCHAR', 'BIGINT', 'UBIGINT', 'DOUBLE') then parsed.field_texts[1] end as asset_id,
        trim(parsed.field_texts[2]) as score_text,
        parsed.field_texts[3] as industry_label
    from parsed
),

numbers as (
    select
        fields.*,
        case
            when regexp_full_match(fields.score_text, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?')
                then try_cast(fields.score_text as double)
        end as number
    from fields
),

final as (
    select
        numbers.file_name,
        numbers.batch_no,
        numbers.revision,
        numbers.position,
        numbers.payload,
        numbers.is_object,
        numbers.has_unusable_character,
        case when regexp_matches(numbers.asset_id, '[^\s\p{Z}\p{C}]') then numbers.asset_id end as asset_id,
        case when isfinite(numbers.number) then numbers.number + 0.0 end as score,
        numbers.industry_label
    from numbers
)

select * from final
