"""One build of a whole home: every product that has data in it."""

from callsheet.runtime.dbt_runner import Dbt
from callsheet.runtime.errors import UnusableInputError
from callsheet.runtime.home import PRODUCTS, holdings, samples_wanted, take_samples
from callsheet.workspace import Workspace


def build_home(workspace: Workspace, *, sample: bool, progress: bool) -> list[str]:
    """Build the products that have data here, test their data, and return their names. Unit tests try the code: `make test` runs them."""
    if sample:
        take_samples()
    held = holdings(workspace)
    products = [product for product in PRODUCTS if product in held or samples_wanted(workspace)]
    if not products:
        raise UnusableInputError(
            f"There are no data in {workspace.home}: bring yours in with `callsheet load --batches DIR`, "
            "`callsheet import` or `callsheet pulse --database FILE`, or take the samples with `callsheet build --sample`."
        )
    selection = ("--select", *products, "operations", "--exclude-resource-type", "unit_test")
    Dbt(workspace).build(*selection, progress="build" if progress else None)
    return products
