{{ config(enabled=target.type == "spark" and var("products").percentiles) }}

-- Fields are read as text first, so that nothing is guessed: 1_000 or true is not a score.
with landed as (
    select * from {{ ref("stg_percentiles__landed") }}
    where position > 0
),

parsed as (
    select
        landed.*,
        startswith(landed.payload, '{') as is_object,
        from_json(landed.payload, 'id string, score string, industry string') as field_texts,
        regexp_extract(schema_of_variant(from_json(landed.payload, 'id variant').id), '^[A-Z]+', 0) as id_type
    from landed
),

fields as (
    select
        parsed.file_name,
        parsed.batch_no,
        parsed.revision,
        parsed.position,
        parsed.payload,
        parsed.is_object,
        contains(
            concat_ws(' ', parsed.field_texts.id, parsed.field_texts.score, parsed.field_texts.industry), char(0)
        ) as has_unusable_character,
        case when parsed.id_type in ('STRING', 'BIGINT', 'DECIMAL', 'DOUBLE') then parsed.field_texts.id end as asset_id,
        trim(parsed.field_texts.score) as score_text,
        parsed.field_texts.industry as industry_label
    from parsed
),

numbers as (
    select
        fields.*,
        case
            when rlike(fields.score_text, '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?$')
                then try_cast(fields.score_text as double)
        end as finite_or_not
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
        case when rlike(numbers.asset_id, r'[^\s\p{Z}\p{C}]') then numbers.asset_id end as asset_id,
        case when abs(numbers.finite_or_not) < double('infinity') then numbers.finite_or_not + 0.0 end as score,
        numbers.industry_label
    from numbers
)

select * from final
