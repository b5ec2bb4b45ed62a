{{ config(materialized="view") }}

with feature_contract as (
    select * from {{ ref("int_resonance__feature_contract") }}
),

final as (
    select
        feature_contract.head,
        feature_contract.position,
        feature_contract.feature,
        feature_contract.data_type,
        feature_contract.null_rule,
        feature_contract.description,
        feature_contract.contract_hash
    from feature_contract
)

select * from final
