-- Fields are read as text first, so that nothing is guessed: 1_000 or true is not a score.
with landed as (
    select * from {{ ref("stg_percentiles__landed") }}
    where position > 0
),

fields as (
    select
        landed.file_name,
        landed.batch_no,
        landed.revision,
        landed.position,
        landed.payload,
        json_type(landed.payload) = 'OBJECT' as is_object,
        case
            when json_type(landed.payload, '$.id') in ('VARCHAR', 'BIGINT', 'UBIGINT', 'DOUBLE')
                then landed.payload ->> '$.id'
        end as asset_id,
        trim(landed.payload ->> '$.score') as score_text,
        landed.payload ->> '$.industry' as industry_label
    from landed
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
        case when regexp_matches(numbers.asset_id, '[^\s\p{Z}\p{C}]') then numbers.asset_id end as asset_id,
        case when isfinite(numbers.number) then numbers.number + 0.0 end as score,
        numbers.industry_label
    from numbers
)

select * from final
