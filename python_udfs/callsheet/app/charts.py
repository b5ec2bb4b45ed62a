"""How things are drawn. Colours of series come from the theme in .streamlit/config.toml, so that they suit light and dark."""

import altair as alt
import pandas as pd

Drawing = alt.Chart | alt.LayerChart | alt.FacetChart

GREY = "#8b929c"  # read against white and against black
ALARM = "#d55e00"
OWN = "#0b84c4"
LEVEL_COLOURS = {"ok": "#009e73", "warn": "#e08a00", "alert": ALARM}
LEVEL_SHAPES = {"ok": "circle", "warn": "diamond", "alert": "triangle-up"}
_HEIGHT = 300


def _legend(columns: int = 3) -> alt.Legend:
    return alt.Legend(orient="top", title=None, columns=columns, labelLimit=200, symbolType="circle")


def trend(weeks: pd.DataFrame, title: str, number: str) -> Drawing:
    """Draw a measure by week, one line per series; findings are marked, and a single series has the band that chance would keep it in."""
    span = [weeks["week_on"].min(), weeks["week_on"].max()]
    ticks = alt.Axis(format="%-d %b", values=sorted(set(weeks["week_on"])))
    x = alt.X("week_on:T", title="week beginning", axis=ticks, scale=alt.Scale(domain=span, padding=24))

    def y_of(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", title=title, axis=alt.Axis(format=number), scale=alt.Scale(zero=False))

    y = y_of("week_value")
    tips = [
        alt.Tooltip("series:N", title="where"),
        alt.Tooltip("week_on:T", title="week", format="%-d %b %Y"),
        alt.Tooltip("week_value:Q", title=title, format=number),
        alt.Tooltip("trailing_median:Q", title="usual (four weeks before)", format=number),
        alt.Tooltip("robust_z:Q", title="times what chance does", format=".1f"),
        alt.Tooltip("least_value:Q", title="at least", format=number),
        alt.Tooltip("most_value:Q", title="at most, with what is hidden", format=number),
        alt.Tooltip("published_day_count:Q", title="published cells"),
    ]
    base = alt.Chart(weeks)
    layers = []
    if weeks["series"].nunique() == 1:
        band = base.transform_filter("isValid(datum.usual_low)")
        layers.append(band.mark_bar(opacity=0.25, color=GREY, width=34, cornerRadius=3).encode(x=x, y=y_of("usual_low"), y2="usual_high:Q"))
    line = base.encode(x=x, y=y, color=alt.Color("series:N", legend=_legend() if len(layers) == 0 else None))
    layers.append(line.mark_line(strokeWidth=2.5))
    layers.append(line.mark_point(filled=True, size=70, opacity=1).encode(tooltip=tips))
    found = base.transform_filter("isValid(datum.finding)").encode(x=x, y=y)
    layers.append(found.mark_point(size=320, strokeWidth=2.5, color=ALARM).encode(tooltip=tips))
    layers.append(found.mark_text(dy=-20, align="right", dx=8, color=ALARM, fontWeight="bold", fontSize=13).encode(text="finding:N"))
    return alt.layer(*layers).properties(height=_HEIGHT)


def stacked_bars(rows: pd.DataFrame, category: str, value: str, colour: str, title: str) -> Drawing:
    """Draw one bar per category, largest first, divided by colour."""
    drawn: Drawing = (
        alt.Chart(rows)
        .mark_bar(cornerRadius=2)
        .encode(
            y=alt.Y(f"{category}:N", sort="-x", title=None, axis=alt.Axis(labelLimit=200)),
            x=alt.X(f"sum({value}):Q", title=title, axis=alt.Axis(format=",d", tickCount=5)),
            color=alt.Color(f"{colour}:N", legend=_legend()),
            tooltip=[
                alt.Tooltip(f"{category}:N", title="where"),
                alt.Tooltip(f"{colour}:N", title="what"),
                alt.Tooltip(f"sum({value}):Q", title=title, format=",d"),
            ],
        )
        .properties(height=alt.Step(34))
    )
    return drawn


def past(history: pd.DataFrame) -> Drawing:
    """Draw an asset's percentiles, iteration by iteration."""
    base = alt.Chart(history).encode(
        x=alt.X("computed_at_batch:O", title="computed at batch", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("percentile:Q", title="percentile", scale=alt.Scale(domain=[0, 100])),
        tooltip=[
            alt.Tooltip("computed_at_batch:O", title="at batch"),
            alt.Tooltip("percentile:Q", format=".1f"),
            alt.Tooltip("lower_count:Q", title="lower"),
            alt.Tooltip("window_count:Q", title="scores in the window"),
        ],
    )
    return alt.layer(
        base.mark_line(strokeWidth=2.5),
        base.mark_point(filled=True, size=90, opacity=1),
        base.mark_text(dy=-16, fontSize=13, color=GREY).encode(text=alt.Text("percentile:Q", format=".1f")),
    ).properties(height=260)


def window(bars: pd.DataFrame, score: float) -> Drawing:
    """Draw the scores of a window, those below the asset's in colour, with a line where the asset stands."""
    return alt.layer(
        alt.Chart(bars)
        .mark_bar()
        .encode(
            x=alt.X("score_from:Q", title="score", bin="binned"),
            x2="score_to:Q",
            y=alt.Y("score_count:Q", title="assets"),
            color=alt.condition(f"datum.score_to <= {score}", alt.value(OWN), alt.value(GREY)),
            opacity=alt.condition(f"datum.score_to <= {score}", alt.value(0.85), alt.value(0.45)),
            tooltip=[
                alt.Tooltip("score_from:Q", title="from", format=".3f"),
                alt.Tooltip("score_to:Q", title="to", format=".3f"),
                alt.Tooltip("score_count:Q", title="assets"),
            ],
        ),
        alt.Chart(pd.DataFrame({"score": [score]})).mark_rule(color=ALARM, strokeWidth=2.5).encode(x="score:Q"),
    ).properties(height=210)


def industry(windows: pd.DataFrame) -> Drawing:
    """Draw an industry's windows: the middle half of its scores, the median, and the median of its baseline."""
    ticks = alt.Axis(tickMinStep=1, format="d")
    base = alt.Chart(windows).encode(
        x=alt.X("batch_no:Q", title="window ending at batch", axis=ticks, scale=alt.Scale(nice=False, padding=8))
    )
    levels = list(LEVEL_COLOURS)
    tips = [
        alt.Tooltip("batch_no:Q", title="at batch"),
        alt.Tooltip("median_score:Q", title="median", format=".3f"),
        alt.Tooltip("p25_score:Q", title="a quarter lies below", format=".3f"),
        alt.Tooltip("p75_score:Q", title="a quarter lies above", format=".3f"),
        alt.Tooltip("score_count:Q", title="scores"),
    ]
    scale = alt.Scale(zero=False)
    return alt.layer(
        base.mark_area(opacity=0.22, color=OWN).encode(y=alt.Y("p25_score:Q", title="score", scale=scale), y2="p75_score:Q"),
        base.mark_rule(color=GREY, strokeDash=[5, 4], strokeWidth=1.5).encode(
            x=alt.value(0), x2=alt.value("width"), y="max(baseline_median):Q"
        ),
        base.mark_line(strokeWidth=2.5, color=OWN).encode(y="median_score:Q"),
        base.mark_point(filled=True, size=60, opacity=1).encode(
            y="median_score:Q",
            color=alt.Color("level:N", scale=alt.Scale(domain=levels, range=list(LEVEL_COLOURS.values())), legend=None),
            shape=alt.Shape("level:N", scale=alt.Scale(domain=levels, range=list(LEVEL_SHAPES.values())), legend=None),
            tooltip=[*tips, alt.Tooltip("level:N", title="drift")],
        ),
    ).properties(height=230)


def projection(points: pd.DataFrame) -> Drawing:
    """Draw rows by batch as straight lines: drawn through for what is there, dashed for what would come."""
    base = alt.Chart(points).encode(
        x=alt.X("batch:Q", title="batches", axis=alt.Axis(format=",d", tickMinStep=1)),
        y=alt.Y("row_count:Q", title="rows", axis=alt.Axis(format="~s")),
        color=alt.Color("table_name:N", legend=_legend(2)),
    )
    tips = [alt.Tooltip("table_name:N", title="table"), alt.Tooltip("batch:Q", format=",d"), alt.Tooltip("row_count:Q", format=",d")]
    return alt.layer(
        base.transform_filter("!datum.is_future").mark_line(strokeWidth=2.5),
        base.transform_filter("datum.is_ahead").mark_line(strokeWidth=2, strokeDash=[6, 4]),
        base.mark_point(filled=True, size=60, opacity=1).encode(tooltip=tips),
    ).properties(height=260)


def intervals(rows: pd.DataFrame, title: str, *, chance: float | None = None) -> Drawing:
    """Draw one value with its interval per model, best first; the dashed line is what chance alone would reach."""
    order = alt.SortField("value", order="descending")
    base = alt.Chart(rows).encode(y=alt.Y("name:N", sort=order, title=None, axis=alt.Axis(labelLimit=190)))
    x = alt.X("low:Q", title=title, scale=alt.Scale(zero=False))
    colour = alt.condition("datum.is_ours", alt.value(OWN), alt.value(GREY))
    tips = [
        alt.Tooltip("name:N", title="model"),
        alt.Tooltip("value:Q", title=title, format=".3f"),
        alt.Tooltip("low:Q", title="95 % from", format=".3f"),
        alt.Tooltip("high:Q", title="to", format=".3f"),
    ]
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=x, x2="high:Q", color=colour),
        base.mark_point(filled=True, size=110, opacity=1).encode(x="value:Q", color=colour, tooltip=tips),
    ]
    if chance is not None:
        layers.append(alt.Chart(pd.DataFrame({"chance": [chance]})).mark_rule(color=GREY, strokeDash=[5, 4]).encode(x="chance:Q"))
    return alt.layer(*layers).properties(height=alt.Step(32))


def reliability(points: pd.DataFrame) -> Drawing:
    """Draw what was said against what came true; on the diagonal a probability means what it says."""
    diagonal = alt.Chart(pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]})).mark_line(color=GREY, strokeDash=[5, 4], strokeWidth=1.5)
    base = alt.Chart(points).encode(
        x=alt.X("x:Q", title="probability said", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("y:Q", title="came true", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("name:N", sort=None, legend=_legend(2)),
        tooltip=[
            alt.Tooltip("name:N", title="model"),
            alt.Tooltip("x:Q", title="said", format=".0%"),
            alt.Tooltip("y:Q", title="came true", format=".0%"),
            alt.Tooltip("row_count:Q", title="credits"),
        ],
    )
    dots = base.mark_point(filled=True, opacity=0.75).encode(size=alt.Size("row_count:Q", legend=None, scale=alt.Scale(range=[25, 420])))
    return alt.layer(diagonal.encode(x="x:Q", y="y:Q"), base.mark_line(strokeWidth=1.8), dots).properties(height=_HEIGHT)


def precision_recall(points: pd.DataFrame, share: float) -> Drawing:
    """Draw, for each part of the good films found, how many of those named were right; the dashed line is naming at random."""
    lines = (
        alt.Chart(points)
        .mark_line(strokeWidth=2)
        .encode(
            x=alt.X("x:Q", title="of the good ones, found", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            y=alt.Y("y:Q", title="of those named, right", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
            color=alt.Color("name:N", sort=None, legend=_legend(2)),
            tooltip=[
                alt.Tooltip("name:N", title="model"),
                alt.Tooltip("x:Q", title="found", format=".0%"),
                alt.Tooltip("y:Q", title="right", format=".0%"),
            ],
        )
    )
    random = alt.Chart(pd.DataFrame({"y": [share]})).mark_rule(color=GREY, strokeDash=[5, 4]).encode(y="y:Q")
    return alt.layer(random, lines).properties(height=_HEIGHT)


def years(rows: pd.DataFrame, title: str) -> Drawing:
    """Draw a metric by year with its interval."""
    base = alt.Chart(rows).encode(
        x=alt.X("year:O", title=None, axis=alt.Axis(labelAngle=0)),
        xOffset="name:N",
        color=alt.Color("name:N", sort=None, legend=_legend(2)),
    )
    values = [alt.Tooltip(f"{end}:Q", format=".3f") for end in ("value", "low", "high")]
    tips = [alt.Tooltip("name:N", title="model"), alt.Tooltip("year:O"), *values]
    return alt.layer(
        base.mark_rule(strokeWidth=3, opacity=0.5).encode(y=alt.Y("low:Q", title=title, scale=alt.Scale(zero=False)), y2="high:Q"),
        base.mark_point(filled=True, size=80, opacity=1).encode(y="value:Q", tooltip=tips),
    ).properties(height=260)


def signed_bars(rows: pd.DataFrame, category: str, value: str, title: str, number: str) -> Drawing:
    """Draw one bar per category to either side of zero, largest first."""
    drawn: Drawing = (
        alt.Chart(rows)
        .mark_bar(cornerRadius=2)
        .encode(
            y=alt.Y(f"{category}:N", sort=alt.SortField(value, order="descending"), title=None, axis=alt.Axis(labelLimit=230)),
            x=alt.X(f"{value}:Q", title=title, axis=alt.Axis(format=number, tickCount=5)),
            color=alt.condition(f"datum.{value} >= 0", alt.value(OWN), alt.value(ALARM)),
            tooltip=[alt.Tooltip(f"{category}:N", title=" "), alt.Tooltip(f"{value}:Q", title=title, format=number)],
        )
        .properties(height=alt.Step(26))
    )
    return drawn


def slate(rows: pd.DataFrame) -> Drawing:
    """Draw the actors of a role by rank: the calibrated probability and, where it is known, its interval."""
    base = alt.Chart(rows.assign(place=[f"{row.rank}. {row.actor_name}" for row in rows.itertuples()])).encode(
        y=alt.Y("place:N", sort=None, title=None, axis=alt.Axis(labelLimit=210))
    )
    x = alt.X("p_cal:Q", title="calibrated probability", axis=alt.Axis(format="%", tickCount=6), scale=alt.Scale(zero=False))
    tips = [
        alt.Tooltip("actor_name:N", title="actor"),
        alt.Tooltip("p_cal:Q", title="calibrated", format=".1%"),
        alt.Tooltip("low:Q", title="from", format=".1%"),
        alt.Tooltip("high:Q", title="to", format=".1%"),
        alt.Tooltip("p_high:Q", title="ranks by", format=".1%"),
        alt.Tooltip("credit_count:Q", title="earlier roles"),
        alt.Tooltip("reason:N", title="why"),
    ]
    line = base.transform_filter("isValid(datum.low)").mark_rule(strokeWidth=3, opacity=0.4, color=OWN)
    return alt.layer(
        line.encode(x=x, x2="high:Q").encode(x="low:Q"),
        base.mark_point(filled=True, size=110, opacity=1, color=OWN).encode(x=x, tooltip=tips),
    ).properties(height=alt.Step(26))
