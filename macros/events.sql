{#
    One event of `int_<product>__events`, as the start of a select. What a kind of event does not have is null. The three kinds:
    quarantined: a file (subject) or a record of it that is not used; alert: something to look at now; landing: when a batch first came.
#}
{% macro event(kind, subject="null", revision="null", position="null", reason="null", payload_hash="null", message="null", batch_no="null", landed_at="null") -%}
    select
        '{{ kind }}' as event,
        cast({{ subject }} as string) as subject,
        cast({{ revision }} as int) as revision,
        cast({{ position }} as int) as position,
        cast({{ reason }} as string) as reason,
        cast({{ payload_hash }} as string) as payload_hash,
        cast({{ message }} as string) as message,
        cast({{ batch_no }} as bigint) as batch_no,
        cast({{ landed_at }} as timestamp) as landed_at
{%- endmacro %}

{#
    The events of one kind of every product, with the product's name: how a product plugs into operations. A product that this database does not
    hold yet is left out until a run builds it: macros/run_log.sql.
#}
{% macro events_of_products(kind) -%}
    {%- for product in products_with_events() or products() %}
    select '{{ product }}' as product, events.*
    from {{ ref("int_" ~ product ~ "__events") }} as events
    where events.event = '{{ kind }}'
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}

{# The products whose events this database holds. #}
{% macro products_with_events() -%}
    {%- set built = [] -%}
    {%- for product in products() if execute and load_relation(builtins.ref("int_" ~ product ~ "__events")) is not none -%}
        {%- do built.append(product) -%}
    {%- endfor -%}
    {{ return(built) }}
{%- endmacro %}

{# The names of the products that are switched on. #}
{% macro products() -%}
    {{ return(var("products").items() | selectattr(1) | map(attribute=0) | list) }}
{%- endmacro %}
