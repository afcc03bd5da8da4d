"""What a metric alarm may be: the rules of PutMetricAlarm beyond its model (API Reference, PutMetricAlarm)."""

from __future__ import annotations

from typing import Any

from . import metric_math, metrics_insights
from .registry import is_query
from .shapes import validation_error

SHORT_PERIODS = (10, 20, 30)
MINUTE, HOUR, DAY, WEEK = 60, 3600, 86_400, 604_800
MOST_METRICS = 10
BAND_OPERATORS = ("LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold")
MISSING_DATA = ("breaching", "notBreaching", "ignore", "missing")
LOW_SAMPLES = ("evaluate", "ignore")
# What stands in Metrics when there are any.
OF_ONE_METRIC = ("Namespace", "MetricName", "Dimensions", "Period", "Unit", "Statistic", "ExtendedStatistic")


def check(wanted: dict[str, Any]) -> None:
    """Refuse a configuration that CloudWatch would refuse."""
    if wanted.get("EvaluationCriteria"):
        raise NotImplementedError("alarms on PromQL queries")
    if ("MetricName" in wanted) == bool(wanted.get("Metrics")):
        raise validation_error("Exactly one of MetricName, Metrics or EvaluationCriteria must be specified")
    for name in ("EvaluationPeriods", "ComparisonOperator"):
        if name not in wanted:
            raise validation_error(f"The parameter {name} is required")
    period = _check_metrics(wanted) if wanted.get("Metrics") else _check_one_metric(wanted)
    _check_threshold(wanted)
    _check_evaluation(wanted, period)
    _check_words(wanted)


def _check_one_metric(wanted: dict[str, Any]) -> int:
    for name in ("Namespace", "Period"):
        if name not in wanted:
            raise validation_error(f"The parameter {name} is required")
    if ("Statistic" in wanted) == ("ExtendedStatistic" in wanted):
        raise validation_error("Exactly one of Statistic and ExtendedStatistic must be specified")
    names = [dimension["Name"] for dimension in wanted.get("Dimensions", [])]
    if len(names) != len(set(names)):
        raise validation_error("A dimension is named twice")
    if "ThresholdMetricId" in wanted:
        raise validation_error("ThresholdMetricId needs Metrics with an anomaly detection band")
    return _check_period(wanted["Period"])


def _check_metrics(wanted: dict[str, Any]) -> int:
    given = [name for name in OF_ONE_METRIC if wanted.get(name)]
    if given:
        raise validation_error(f"{', '.join(given)} can't be specified together with Metrics")
    queries = wanted["Metrics"]
    ids = [query["Id"] for query in queries]
    if len(ids) != len(set(ids)):
        raise validation_error("The ids in Metrics must be unique")
    if sum("MetricStat" in query for query in queries) > MOST_METRICS:
        raise validation_error(f"An alarm can have {MOST_METRICS} metrics at the most")
    if sum(is_query(query.get("Expression")) for query in queries) > 1:
        raise validation_error("Metrics can have one Metrics Insights query at the most")
    periods = [_check_query(query, set(ids)) for query in queries]
    _check_returned(wanted)
    return max(periods)


def _check_query(query: dict[str, Any], ids: set[str]) -> int:
    """The period of one of the metrics, or 0 where it has none of its own."""
    name = query["Id"]
    if not metric_math.ID.fullmatch(name):
        raise validation_error(f"The id '{name}' must begin with a small letter, and have letters, digits and _ only")
    if ("MetricStat" in query) == ("Expression" in query):
        raise validation_error(f"Exactly one of MetricStat and Expression must be specified for '{name}'")
    if "MetricStat" in query:
        if not all(query["MetricStat"]["Metric"].get(member) for member in ("Namespace", "MetricName")):
            raise validation_error(f"The metric of '{name}' needs Namespace and MetricName")
        return _check_period(query["MetricStat"]["Period"])
    if is_query(query["Expression"]):
        return _check_insights(query)
    try:
        metric_math.check(query["Expression"], ids - {name})
    except metric_math.BadExpression as error:
        raise validation_error(f"Error in expression '{name}': {error}") from None
    return _check_period(query["Period"]) if "Period" in query else 0


def _check_insights(query: dict[str, Any]) -> int:
    try:
        metrics_insights.parse(query["Expression"])
    except metrics_insights.BadQuery as error:
        raise validation_error(f"Error in expression '{query['Id']}': {error}") from None
    if "Period" not in query:
        raise validation_error(f"The Metrics Insights query '{query['Id']}' needs a Period")
    return _check_period(query["Period"])


def _check_returned(wanted: dict[str, Any]) -> None:
    """One result is the alarm's; an anomaly detection band returns data besides."""
    band = wanted.get("ThresholdMetricId")
    queries = wanted["Metrics"]
    if band is not None:
        found = [query for query in queries if query["Id"] == band]
        if not found or not metric_math.is_band(found[0].get("Expression")):
            raise validation_error(
                "Metrics list must contain exactly one ANOMALY_DETECTION_BAND matching the ThresholdMetricId parameter"
            )
    returned = [query for query in queries if query.get("ReturnData", True) and query["Id"] != band]
    if len(returned) != 1:
        raise validation_error("Exactly one element of the metrics list should return data")


def _check_threshold(wanted: dict[str, Any]) -> None:
    band, operator = "ThresholdMetricId" in wanted, wanted["ComparisonOperator"]
    if band != (operator in BAND_OPERATORS):
        raise validation_error(f"ComparisonOperator {operator} {'can not' if band else 'can only'} be used with a band")
    if band == ("Threshold" in wanted):
        raise validation_error("Exactly one of Threshold and ThresholdMetricId must be specified")


def _check_evaluation(wanted: dict[str, Any], period: int) -> None:
    periods = wanted["EvaluationPeriods"]
    if wanted.get("DatapointsToAlarm", 1) > periods:
        raise validation_error("DatapointsToAlarm must not be greater than EvaluationPeriods")
    most = DAY if period < HOUR else WEEK
    if period * periods > most:
        raise validation_error(
            f"Metrics cannot be checked across more than {most} seconds (Period * EvaluationPeriods)"
        )


def _check_period(period: int) -> int:
    if period not in SHORT_PERIODS and period % MINUTE:
        raise validation_error("Period must be 10, 20, 30 or a multiple of 60")
    return period


def _check_words(wanted: dict[str, Any]) -> None:
    for name, words in (("TreatMissingData", MISSING_DATA), ("EvaluateLowSampleCountPercentile", LOW_SAMPLES)):
        if name in wanted and wanted[name] not in words:
            raise validation_error(f"Option {wanted[name]} is not supported. Supported options for {name}: {words}")
