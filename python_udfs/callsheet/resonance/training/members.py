"""The fitted models inside a head, trees and linear models, as plain numbers.

scikit-learn fits them, and its compiled code evaluates the trees. What is stored are arrays only: loading a head runs no code of the file.
"""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from callsheet.resonance.training.calibration import sigmoid
from callsheet.resonance.training.measures import Floats

BOOSTING, FOREST, LOGISTIC = "boosting", "forest", "logistic_regression"
LEAF = -1  # the feature of a node that splits no further
NODE = np.dtype(
    [
        ("member", np.int8),  # place of the member in its head
        ("tree", np.int32),  # place of the tree in its member, from 0
        ("feature", np.int32),
        ("threshold", np.float64),  # a value up to it goes left
        ("is_missing_left", np.bool_),
        ("left", np.int32),  # place of the node in its tree
        ("right", np.int32),
        ("value", np.float64),  # of a leaf
    ]
)


@dataclass(frozen=True)
class Trees:
    """Gradient boosting (the leaves are added up to log odds) or a forest (they are averaged to a probability)."""

    kind: str
    start: float
    nodes: NDArray[Any]

    @classmethod
    def of_boosting(cls, fitted: Any) -> "Trees":
        """Take the trees of a HistGradientBoostingClassifier of two classes."""
        names = ("feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "value")
        trees = [[tree.nodes["is_leaf"] == 1, *(tree.nodes[name] for name in names)] for (tree,) in fitted._predictors]
        return cls(BOOSTING, float(fitted._baseline_prediction[0, 0]), _stacked(trees))

    @classmethod
    def of_forest(cls, fitted: Any) -> "Trees":
        """Take the trees of a RandomForestClassifier of two classes."""
        trees = []
        for grown in (estimator.tree_ for estimator in fitted.estimators_):
            state = grown.__getstate__()
            names = ("feature", "threshold", "missing_go_to_left", "left_child", "right_child")
            trees.append([state["nodes"]["left_child"] < 0, *(state["nodes"][name] for name in names), state["values"][:, 0, 1]])
        return cls(FOREST, 0.0, _stacked(trees))

    def probability(self, values: Floats) -> Floats:
        """Return the probability of the positive class. Each row is added up by itself, in the order of the trees."""
        total = np.full(len(values), self.start)
        if self.kind == BOOSTING:
            no_bitsets, no_categories = np.zeros((0, 8), dtype=np.uint32), np.zeros(0, dtype=np.uint32)
            for tree in self._walkers:
                # One thread: several would wait for each other after each of a hundred small trees.
                total += tree.predict(values, no_bitsets, no_categories, 1)
            return sigmoid(total)
        rows = np.ascontiguousarray(values, dtype=np.float32)
        for tree in self._walkers:
            total += tree.predict(rows)[:, 1]
        return np.asarray(total / len(self._walkers))

    @cached_property
    def _walkers(self) -> list[Any]:
        """Give the nodes to scikit-learn's compiled loops, a tree at a time."""
        walker = _boosting_walker if self.kind == BOOSTING else _forest_walker
        ends = np.flatnonzero(np.diff(self.nodes["tree"])) + 1
        return [walker(nodes) for nodes in np.split(self.nodes, ends)]


@dataclass(frozen=True)
class Line:
    """A logistic regression over values with their gaps filled by `medians`, and over flags that say of `flagged` what was a gap."""

    medians: tuple[float, ...]
    flagged: tuple[int, ...]
    slopes: tuple[float, ...]
    slopes_of_flags: tuple[float, ...]
    intercept: float
    kind: ClassVar[str] = LOGISTIC

    @classmethod
    def of(cls, fitted: Any) -> "Line":
        """Take the numbers of a pipeline of imputer, scaler and logistic regression, scaled back to the values as they come."""
        imputer, scaler, line = fitted.named_steps.values()
        slopes, count = line.coef_[0] / scaler.scale_, len(imputer.statistics_)
        return cls(
            tuple(imputer.statistics_.tolist()),
            tuple(imputer.indicator_.features_.tolist()),
            tuple(slopes[:count].tolist()),
            tuple(slopes[count:].tolist()),
            float(line.intercept_[0] - (slopes * scaler.mean_).sum()),
        )

    def probability(self, values: Floats) -> Floats:
        """Return the probability of the positive class."""
        values = np.ascontiguousarray(values)  # the order of a sum must not depend on how the rows were cut out
        unknown = np.isnan(values)
        logits = np.einsum("nk,k->n", np.where(unknown, np.array(self.medians), values), np.array(self.slopes))
        flags = unknown[:, np.array(self.flagged, dtype=np.int64)].astype(np.float64)
        return sigmoid(logits + np.einsum("nk,k->n", flags, np.array(self.slopes_of_flags)) + self.intercept)


Member = Trees | Line


def described(member: Member) -> dict[str, Any]:
    """Return what a member is besides its nodes."""
    return {"kind": member.kind, **({"start": member.start} if isinstance(member, Trees) else asdict(member))}


def restored(held: dict[str, Any], nodes: NDArray[Any], feature_count: int) -> Member:
    """Return the member of these parts. Raises a ValueError for parts that would lead the compiled loops out of their arrays."""
    if held["kind"] in (BOOSTING, FOREST):
        _check(nodes, feature_count)
        return Trees(held["kind"], float(held["start"]), nodes)
    if held["kind"] != LOGISTIC:
        raise ValueError(f"no head of ours has a member {held['kind']!r}")
    medians, flagged, slopes, slopes_of_flags = (tuple(held[name]) for name in ("medians", "flagged", "slopes", "slopes_of_flags"))
    line = Line(medians, flagged, slopes, slopes_of_flags, float(held["intercept"]))
    if not len(medians) == len(slopes) == feature_count or len(flagged) != len(slopes_of_flags):
        raise ValueError(f"{len(slopes)} slopes do not fit {feature_count} features")
    return line


def _check(nodes: NDArray[Any], feature_count: int) -> None:
    starts = np.flatnonzero(np.diff(nodes["tree"], prepend=-1))
    sizes = np.diff(starts, append=len(nodes))
    place = np.arange(len(nodes)) - np.repeat(starts, sizes)
    last = np.repeat(sizes, sizes) - 1
    splits = nodes["feature"] != LEAF
    for child in (nodes["left"], nodes["right"]):
        # Children come after their node: no walk goes round in circles.
        if (splits & ((child <= place) | (child > last))).any():
            raise ValueError("a tree leads to a node that is not there")
    if not len(nodes) or (nodes["feature"] < LEAF).any() or (nodes["feature"] >= feature_count).any():
        raise ValueError("a tree asks for a feature that is not there")


def _stacked(trees: list[list[Any]]) -> NDArray[Any]:
    """Return the nodes of all trees in one array."""
    parts = []
    for number, (is_leaf, feature, threshold, missing_left, left, right, value) in enumerate(trees):
        nodes = np.zeros(len(is_leaf), dtype=NODE)
        nodes["tree"] = number
        nodes["feature"] = np.where(is_leaf, LEAF, feature)
        for name, values in (("threshold", threshold), ("is_missing_left", missing_left), ("left", left), ("right", right)):
            nodes[name] = np.where(is_leaf, 0, values)
        nodes["value"] = np.where(is_leaf, value, 0.0)
        parts.append(nodes)
    return np.concatenate(parts)


def _boosting_walker(nodes: NDArray[Any]) -> Any:
    from sklearn.ensemble._hist_gradient_boosting.common import PREDICTOR_RECORD_DTYPE  # noqa: PLC0415 - heavy
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor  # noqa: PLC0415

    own = np.zeros(len(nodes), dtype=PREDICTOR_RECORD_DTYPE)
    own["is_leaf"] = nodes["feature"] == LEAF
    own["feature_idx"] = np.maximum(nodes["feature"], 0)
    own["num_threshold"], own["missing_go_to_left"] = nodes["threshold"], nodes["is_missing_left"]
    own["left"], own["right"], own["value"] = nodes["left"], nodes["right"], nodes["value"]
    no_bitsets = np.zeros((0, 8), dtype=np.uint32)
    return TreePredictor(own, no_bitsets, no_bitsets)


def _forest_walker(nodes: NDArray[Any]) -> Any:
    from sklearn.tree._tree import NODE_DTYPE, Tree  # noqa: PLC0415 - heavy

    own = np.zeros(len(nodes), dtype=NODE_DTYPE)
    is_leaf = nodes["feature"] == LEAF
    own["feature"], own["threshold"] = np.where(is_leaf, -2, nodes["feature"]), nodes["threshold"]
    own["left_child"], own["right_child"] = np.where(is_leaf, -1, nodes["left"]), np.where(is_leaf, -1, nodes["right"])
    own["missing_go_to_left"] = nodes["is_missing_left"]
    values = np.stack([1 - nodes["value"], nodes["value"]], axis=1)[:, None, :].copy()
    tree = Tree(int(nodes["feature"].max()) + 1, np.array([2], dtype=np.intp), 1)
    tree.__setstate__({"max_depth": len(nodes), "node_count": len(nodes), "nodes": own, "values": values})
    return tree
