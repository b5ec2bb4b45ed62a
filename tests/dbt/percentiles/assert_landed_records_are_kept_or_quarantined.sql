-- Nothing is lost on the way: the records of each delivery in force are those kept and those in quarantine.
with ledger as (
    select * from {{ ref("batch_ledger") }}
),

quarantine as (
    select * from {{ ref("int_percentiles__quarantined") }}
),

quarantined as (
    select
        quarantine.file_name,
        quarantine.revision,
        count(*) as listed_count
    from quarantine
    where quarantine.position > 0
    group by quarantine.file_name, quarantine.revision
)

select
    ledger.file_name,
    ledger.revision,
    ledger.landed_count,
    ledger.valid_count,
    ledger.quarantined_count,
    quarantined.listed_count
from ledger
left join quarantined
    on
        ledger.file_name = quarantined.file_name
        and ledger.revision = quarantined.revision
where
    ledger.landed_count <> ledger.valid_count + ledger.quarantined_count
    or (ledger.status = 'in_force' and coalesce(quarantined.listed_count, 0) <> ledger.quarantined_count)
