{#
    Scores are kept twice: in the database, and in Parquet files of the home, which outlive the database and serve the one-shot script. Both hold
    facts about texts, so a file too many does no harm and two runs at once write two files.
#}
{% macro sentiment_choice() -%}
    {{ return(choice_var("pulse_sentiment", ["textblob", "none"])) }}
{%- endmacro %}

{% macro sentiment_choice_version() -%}
    {%- set choice = sentiment_choice() -%}
    {{ return("none" if choice == "none" else query_value("select sentiment_version(" ~ text_literal(choice) ~ ")")) }}
{%- endmacro %}

{# The texts without a score, scored: by a Python model, or where the engine runs none, by the function that the launcher registers. #}
{% macro new_scores() -%}
    {{ adapter.dispatch("new_scores")() }}
{%- endmacro %}

{% macro duckdb__new_scores() -%}
    select * from {{ ref("int_pulse__score_texts") }}
{%- endmacro %}

{# The scores of the chosen model and version that a relation holds. #}
{% macro chosen_scores(relation) -%}
    select
        text_hash,
        sentiment_model,
        model_version,
        polarity,
        polarity_millionths
    from {{ relation }}
    where sentiment_model = {{ text_literal(sentiment_choice()) }} and model_version = {{ text_literal(sentiment_choice_version()) }}
{%- endmacro %}

{% macro no_scores() -%}
    select
        null::bigint as text_hash,
        null::string as sentiment_model,
        null::string as model_version,
        null::double as polarity,
        null::bigint as polarity_millionths
    where false
{%- endmacro %}

{# The same of the home's files. A cluster has none: its table is the only copy. #}
{% macro chosen_scores_on_file() -%}
    {{ adapter.dispatch("chosen_scores_on_file")() }}
{%- endmacro %}

{% macro duckdb__chosen_scores_on_file() -%}
    {%- set folder = query_value("select home_folder('state', 'sentiment')") or "" -%}
    {%- set files = [] -%}
    {%- if execute -%}
        {%- set found = run_query("select file from glob(" ~ text_literal(glob_escape(folder) ~ "/[0-9a-f]*.parquet") ~ ") order by file") -%}
        {%- for file in found.columns[0].values() -%}
            {%- do files.append(text_literal(glob_escape(file))) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if files -%}
    {{ chosen_scores("read_parquet([" ~ files | join(", ") ~ "])") }}
    {%- else -%}
    {{ no_scores() }}
    {%- endif -%}
{%- endmacro %}

{#
    The same of the database's own cache, looked up by name: the cache is filled from the texts that it lacks, and a ref would make that a circle.
#}
{% macro chosen_scores_in_database() -%}
    {%- set cache = none -%}
    {%- if execute -%}
        {%- set node = graph.nodes["model." ~ project_name ~ ".int_pulse__keep_sentiment"] -%}
        {%- set cache = adapter.get_relation(database=node.database, schema=node.schema, identifier=node.alias) -%}
    {%- endif -%}
    {{ chosen_scores(cache) if cache is not none else no_scores() }}
{%- endmacro %}

{# The score of each text by the chosen model; none where sentiment is switched off. #}
{% macro scores_of_texts(cache) -%}
    {{ no_scores() if sentiment_choice() == "none" else chosen_scores(cache) }}
{%- endmacro %}

{# Puts what no file holds yet into one more file: until it is whole it is called tmp_…, which the glob above passes over. #}
{% macro write_scores_to_file() -%}
    {{ adapter.dispatch("write_scores_to_file")() }}
{%- endmacro %}

{% macro duckdb__write_scores_to_file() -%}
    {%- set folder = query_value("select home_folder('state', 'sentiment')") or "" -%}
    {%- set unwritten -%}
    select scores.* from ({{ chosen_scores(this) }}) as scores
    anti join ({{ chosen_scores_on_file() }}) as on_file
        on scores.text_hash = on_file.text_hash
    {%- endset -%}
    {%- if execute and query_value("select count(*) from (" ~ unwritten ~ ")") > 0 -%}
    copy ({{ unwritten }} order by scores.text_hash) to {{ text_literal(folder ~ "/" ~ invocation_id ~ ".parquet") }}
    (format parquet, compression zstd, use_tmp_file true)
    {%- endif -%}
{%- endmacro %}
