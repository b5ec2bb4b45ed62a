-- Nothing is lost on the way: the records of each delivery are those kept and those rejected, and those rejected are in quarantine.
with ledger as (
    select * from {{ ref("batch_ledger") }}
),

landed as (
    select
        records.file_name,
        records.revision,
        count(*) as landed_count
    from {{ ref("stg_percentiles__records") }} as records
    group by records.file_name, records.revision
),

quarantined as (
    select
        events.subject as file_name,
        events.revision,
        count(*) as listed_count
    from {{ ref("int_percentiles__events") }} as events
    where events.event = 'quarantined' and events.position > 0
    group by events.subject, events.revision
)

select
    ledger.file_name,
    ledger.revision,
    landed.landed_count,
    ledger.valid_count,
    ledger.quarantined_count,
    quarantined.listed_count
from ledger
left join landed
    on
        ledger.file_name = landed.file_name
        and ledger.revision = landed.revision
left join quarantined
    on
        ledger.file_name = quarantined.file_name
        and ledger.revision = quarantined.revision
where
    coalesce(landed.landed_count, 0) <> ledger.valid_count + ledger.quarantined_count
    or coalesce(landed.landed_count, 0) <> ledger.landed_count
    or (ledger.status = 'in_force' and coalesce(quarantined.listed_count, 0) <> ledger.quarantined_count)
