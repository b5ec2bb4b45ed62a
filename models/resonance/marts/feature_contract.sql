-- Written from the yml of the feature models, whose dbt contracts make a column that differs from it an error before a row is read.
{% set listed = [] %}
{% for head in ["actor", "director"] %}
    {% for column in feature_columns(head) %}
        {% do listed.append((head, loop.index, column)) %}
    {% endfor %}
{% endfor %}

with listed as (
    {% for head, position, column in listed %}
        {{ "union all" if not loop.first }}
        select
            {{ text_literal(head) }} as head,
            {{ position }} as position,
            {{ text_literal(column.name) }} as feature,
            {{ text_literal(column.data_type) }} as data_type,
            {{ text_literal(column.config.meta.null_rule) }} as null_rule,
            {{ text_literal(column.description | trim) }} as description
    {% endfor %}
),

hashed as (
    select
        listed.head,
        sha256(string_agg(
            listed.position || ':' || listed.feature || ':' || listed.data_type || ':' || listed.null_rule, '|' order by listed.position
        )) as contract_hash
    from listed
    group by listed.head
),

final as (
    select
        listed.head::varchar as head,
        listed.position::integer as position,
        listed.feature::varchar as feature,
        listed.data_type::varchar as data_type,
        listed.null_rule::varchar as null_rule,
        listed.description::varchar as description,
        hashed.contract_hash::varchar as contract_hash
    from listed
    inner join hashed
        on listed.head = hashed.head
)

select * from final
