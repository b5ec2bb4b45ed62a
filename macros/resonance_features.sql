{#
    The features of a head in parts, each over any relation that has the columns: a film that was made and a brief that asks go through the same
    lines, which is how a row served equals the row trained on.
#}

{# Year, split and labels of a film. #}
{% macro labels(film) -%}
    {{ film }}.film_year::integer as film_year,
    {{ split_of(film ~ ".film_year") }}::varchar as split,
    {{ film }}.resonance::double as resonance,
    {{ film }}.high_resonance::integer as high_resonance,
    {{ film }}.over_budget_peer::integer as over_budget_peer
{%- endmacro %}

{# Which part of the data a year belongs to: models are fitted on fit, chosen on validation and judged on holdout, which comes after both. #}
{% macro split_of(year) -%}
    {%- set cutoff = whole_number_var("resonance_train_cutoff_year") -%}
    case
        when {{ year }} <= {{ cutoff - whole_number_var("resonance_validation_years") }} then 'fit'
        when {{ year }} <= {{ cutoff }} then 'validation'
        {%- if var("resonance_holdout_years") is none %}
        else 'holdout'
        {%- else %}
        when {{ year }} <= {{ cutoff + whole_number_var("resonance_holdout_years") }} then 'holdout'
        else 'unused'
        {%- endif %}
    end
{%- endmacro %}

{# A mean of n values, drawn n/(n+2) of the way from what is usual to itself: two films' worth of doubt. Null without a value. #}
{% macro shrunken_mean(mean, count, usual) -%}
    case when {{ count }} > 0 then ({{ count }} * {{ mean }} + 2 * {{ usual }}) / ({{ count }} + 2) end
{%- endmacro %}

{# What was usual of each budget decile before each year, as a query over year_states; a decile without a past is as good as any. #}
{% macro budget_peers(states) -%}
    select
        of_decile.as_of_year,
        of_decile.slice::integer as budget_decile,
        coalesce(
            {{ shrunken_mean("of_decile.resonance_mean", "of_decile.film_count", "of_all.resonance_mean") }}, of_all.resonance_mean
        ) as peer_resonance
    from {{ states }} as of_decile
    inner join {{ states }} as of_all
        on
            of_decile.as_of_year = of_all.as_of_year
            and of_all.kind = 'all'
    where of_decile.kind = 'budget_decile'
{%- endmacro %}

{# What a brief itself says: the features of a film without its people. #}
{% macro film_features(film) -%}
    ln({{ film }}.budget_usd)::double as log_budget,
    {{ film }}.budget_year_pct::double as budget_year_pct,
    ({{ film }}.budget_usd is not null)::boolean as is_budget_known,
    {{ film }}.peer_resonance::double as peer_resonance,
    {{ film }}.genre_mean::double as genre_mean,
    len({{ film }}.genres)::integer as genre_count,
    sin(2 * pi() * {{ film }}.film_year / {{ number_var("resonance_cycle_years", 1) }})::double as year_sin,
    cos(2 * pi() * {{ film }}.film_year / {{ number_var("resonance_cycle_years", 1) }})::double as year_cos
    {%- for genre in resonance_genres() %},
    {{ genre_count(film ~ ".packed_genres", loop.index0) }}::integer as genre_{{ genre }}
    {%- endfor %}
{%- endmacro %}

{# What a person's state says for a film, under the names of a role: actor or director. #}
{% macro person_features(state, film, role, last_three, in_genres) -%}
    {{ shrunken_mean(state ~ ".last_three_mean", state ~ ".last_three_count", film ~ ".mean_resonance") }}::double as {{ last_three }},
    {{ shrunken_mean(state ~ ".resonance_mean", state ~ ".resonance_count", film ~ ".mean_resonance") }}::double as {{ role }}_mean,
    {{ shrunken_mean(in_genres ~ ".resonance_mean", in_genres ~ ".film_count", film ~ ".mean_resonance") }}::double as {{ role }}_genre_mean,
    {{ shrunken_mean(state ~ ".residual_mean", state ~ ".residual_count", "0") }}::double as {{ role }}_residual,
    {{ shrunken_mean(state ~ ".revenue_mean", state ~ ".revenue_count", "0") }}::double as {{ role }}_revenue,
    {{ shrunken_mean(state ~ ".rating_mean", state ~ ".rating_count", "0") }}::double as {{ role }}_rating,
    {{ state }}.last_resonance::double as {{ role }}_last_resonance,
    ({{ film }}.film_year - {{ state }}.last_year)::integer as {{ role }}_years_since_last
{%- endmacro %}

{# Mean resonance of each person's earlier films that share a genre with the film asked for, as a query over pairs (film_id, person_id). #}
{% macro means_in_genres(pairs, films, careers, job) -%}
    select
        asked.film_id,
        asked.person_id,
        count(*) as film_count,
        sum(earlier.resonance_nano)::bigint / count(*) / 1e9 as resonance_mean
    from {{ pairs }} as asked
    inner join {{ films }} as film
        on asked.film_id = film.film_id
    inner join {{ careers }} as earlier
        on
            asked.person_id = earlier.person_id
            and earlier.job = '{{ job }}'
            and film.film_year > earlier.film_year
            and (film.packed_genres & earlier.packed_genres) <> 0
    where earlier.resonance_nano is not null
    group by asked.film_id, asked.person_id
{%- endmacro %}

{# The share of a person's last five credits in each genre, each with a comma before it. #}
{% macro genre_affinities(state) -%}
    {%- for genre in resonance_genres() %}
    , ({{ genre_count(state ~ ".last_five_genres", loop.index0) }} / {{ state }}.last_five_count)::double as genre_{{ genre }}_aff
    {% endfor %}
{%- endmacro %}

{# Whether a budget lies in a bin of label_thresholds; films of unknown budget are peers of each other (bin 0). #}
{% macro is_in_budget_bin(budget, bins) -%}
    case
        when {{ budget }} is null then {{ bins }}.budget_bin = 0
        else {{ budget }} > {{ bins }}.over_usd and ({{ budget }} <= {{ bins }}.up_to_usd or {{ bins }}.budget_bin = 10)
    end
{%- endmacro %}
