"""What columns of the tables of studies mean and are measured in: by their names, by how these end, by what pages say.

A name means the same in every study; where a table needs other words, its name stands before the column's.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

OF_ROW = "as the column {} of the row says"
"""Unit of columns whose rows have different ones."""
SAYING = ("unit", "kpi", "column", "series", "number", "path")
"""Columns that say what a row is measured in, the plainest first."""
ENDINGS = {
    "_bn_usd_a_quarter": "bn USD a quarter",
    "_bn_usd_a_year": "bn USD a year",
    "_bn_usd": "bn USD",
    "_bn": "bn USD",
    "_months": "months",
    "_percent": "percent",
    "_index": "relative to the base date",
    "_share": "share of one",
}
"""Units by the ending of a name."""
STATISTICS = {
    "mean_low": "90 % interval of the mean: from",
    "mean_high": "90 % interval of the mean: to",
    "mean": "mean over draws",
    "p5": "5 % of draws lie below",
    "p25": "25 % of draws lie below",
    "p50": "median of draws",
    "p75": "75 % of draws lie below",
    "p95": "95 % of draws lie below",
    "low": "90 % interval: from",
    "high": "90 % interval: to",
    "error": "standard error",
    "sd": "standard deviation of draws",
}
"""What is given of a quantity, by the word with which its name ends once its unit is taken off."""
_WORDS = """
above_zero | share of one | share of draws above 0
acceptable_share | share of one | share of draws with that cut, or the largest, in which the country is no worse off
actor | | who did it
alone | row | mean of what it brings to the reference by itself
base_rate | share of one | share of all draws that meet the condition
basis | | time that the figure is about
best | | whether it is the change worth most at that review
bias | share of one | mean error of the median forecast, relative to what came
block | | part of the model that the figure comes from
both_gain_share | share of one | share of draws in which both governments gain
certain | | whether the number is certain
chance | share of one | chance of so many or more draws in the box if it had nothing to do with the condition
chance_level | one | size that a rank correlation must exceed to be told from chance
change | | how the vendor would sell, in words
changed_values.effect | | what trying the value, or the part around it, has shown
changed_values.other | | value in the other run
changed_values.reference | | value in the reference
channel | | through whom; all is the figure itself
check | | name of the check
column | | column of that table
combinations | count | number of packages that are averaged over
correlation | one | rank correlation (Spearman)
costly_share | share of one | share of draws in which the level costs the country something
counted | | what is counted: present value over the horizon, or the years that all wait for
country | | key of the country in the scenario
coverage | share of one | share of the draws that meet the condition which the rule holds
coverage_50 | share of one | share of figures within the interval that should hold half of them
coverage_90 | share of one | share of figures within the interval that should hold 90 % of them
crps | row | continuous ranked probability score of the forecast
crps_no_change | row | the same score of the forecast that nothing changes, on the rows that it has
crps_trend | row | the same score of the trend of two years, on the rows that it has
cut_share | share of one | smallest cut of the other side's tariffs that makes up for it in half of the draws
cutoff | | what was known: its last month, or the first day after
data | row | published figure
data_least | row | lowest published figure of those that the model gives a range for, where all have one unit
data_most | row | highest published figure of those
date | | first day of the month or quarter; of published figures their last day
dates.high | share of one | 90 % interval of the share: to
dates.low | share of one | 90 % interval of the share: from
dates.share | share of one | share of draws that have signed something by then
deal_dates.high | share of one | 90 % interval of the share: to
deal_dates.low | share of one | 90 % interval of the share: from
deal_dates.share | share of one | share of draws that have signed something by then
density | share of one | share of the draws in the rule that meet the condition
detail | | more of it
difference | row | mean difference to the first scenario
difference_high | row | 90 % interval of the difference: to
difference_low | row | 90 % interval of the difference: from
distinguishable | | whether it can be told from zero
draw | | number of the draw
draws | count | number of draws
draws_moving | count | number of draws in which it moves otherwise than in the reference
draws_needed | count | draws with which the difference could be told from zero
draws_percent | percent | share of draws
effect | share of one | Shapley effect: share of the variance over draws
effect_error | share of one | standard error of the effect
error | row | standard error
event | | what was done
event_date | | first month in which an event differs
event_draws | count | number of draws in which the event differs
explained | share of one | share of the group's total effect that is linear
explained_by_all | share of one | share of the variance of ranks that all inputs explain together
extremes.high | of the quantity, in its unit | largest of all draws
extremes.low | of the quantity, in its unit | least of all draws
figure | | column of the table years
figure_date | | first quarter in which a figure differs
figure_draws | count | number of draws in which the figure differs
figures | count | number of figures compared
first | | month in which it does so first, median of those draws
first_error | share of one | standard error of the first-order effect
foreign_data_centres_bn | bn USD | worth of data centres of foreign vendors to the country
foreign_share | share of one | market share of foreign vendors
found | share of one | share of resamples in which there is such a value
gain_bn | bn USD | what it brings beside the reference, to staying, or to no deal
gains_share | share of one | share of draws in which the country gains
goes | share of one | share of draws in which the vendor moves
group | | what the row belongs to
groups.first | share of one | first-order effect: share of the variance that goes once the group is known
hhi | share of one | Herfindahl index
high | row | upper end
history.high | share of one | 90 % interval of the share: to
history.low | share of one | 90 % interval of the share: from
history.share | share of one | share of the draws that went so in all that stands above
history_high | share of one | 90 % interval of that share: to
history_low | share of one | 90 % interval of that share: from
history_share | share of one | the same share among draws that went as it is known to have happened
home | | country in which the vendor is at home
home_sales_bn | bn USD | worth of sales by vendors of the country at home
hurdle | share of one | mean hurdle, as share of the cost of setting up
importer | | who imports
in_sample | | whether the figures were put into the model or fitted to
in_words | | what the package promises
information.what | | name of the group or number
input | | dotted path of the number in the scenario
inputs | count | number of inputs in the group
inside | | whether the published figure lies in the range of the model; of several, how many
instrument | | dotted path of its first part
interval_ratio | one | width of the interval, relative to draws that share no luck
is_dashed | | whether the line counts any way of being inside
is_nash | | whether it has the largest product of mean gains
is_rule | | whether the numbers decide, by the tests of the study
issue | | issue of the talks
key | | name of the row; of counts the cell of the histogram
kind | | estimate, assumption or luck
know_how_bn | bn USD | worth of know-how that changes hands
kpi | | name of the figure, a column of kpis
last | row | mean of what it adds to all others
leaf | number | part of the draws that questions lead to, from where the condition is most frequent on
level | | level of the issue
linear | share of one | sum of the linear effects of the group
linear_error | share of one | standard error of that sum
lost | row | what the best moment brings more, mean present value
lost_error | row | standard error of what is lost
low | row | lower end
made_up_share | share of one | acceptable_share in the draws in which the level costs something
mae | share of one | mean absolute error of the median forecast, relative to what came
market | | key of the market in the scenario
mean_if | row | mean difference in draws in which the vendor comes
mean_if_differing | row | mean difference in draws that differ
mean_if_error | row | standard error of that mean
mean_otherwise | row | mean difference in all other draws
mean_place | place | mean place in the ranking, 1 is the largest
member | | whose figure it is
middle | row | median forecast
model | row | mean over draws of the model
model_least | row | lowest mean over draws of the model beside these, where all have one unit
model_most | row | highest mean over draws of the model beside these
model_beside_no_change | row | score of the model where that rule has something to go by
model_beside_trend | row | score of the model where that rule has something to go by
months | months | length of the period
more_events | count | number of other events that differ in that month
moved_or_narrowed | | whether the data say something about the number
n | count | number of figures
n_no_change | count | number of figures for which the rule has something to go by
n_trend | count | number of figures for which the rule has something to go by
nash_share | share of one | share of draws in which it is the Nash package
no_change | row | forecast that nothing changes
note | | what could not be told
npv_bn | bn USD | net present value of the change at that review
number | | dotted path of the number in the scenario
observed | row | published figure
of | | whether it is everything, a group of inputs or one number
on_frontier | | whether no other package is worth more to both on average
only_in | | the run that has it
only_with_share | share of one | share of draws that sign by then with the issue on the table alone
only_without_share | share of one | share of draws that sign by then with the issue off the table alone
option | | way of selling, in words
other_mean | row | mean in the other run
out_of_reach_share | share of one | share of draws without a deal in which the other side would sign nothing
outcome | | how it ended
outcomes.high | share of one | 90 % interval of the share: to
outcomes.low | share of one | 90 % interval of the share: from
outcomes.share | share of one | share of draws in which it comes about
package | | name of the package
paired | | whether the draws share their luck
panel | | panel of the chart
part | | what it is a part of welfare or income of
parts | | dotted paths of all its parts
party | | who gains or loses
path | | dotted path of the number in the scenario; of charts, the run
path_draws | count | number of draws whose full paths were compared
paybacks.p5 | calendar year | year from which the sum stays above zero, 5 % of draws lie before
paybacks.p50 | calendar year | year from which the sum stays above zero, median of draws
paybacks.p95 | calendar year | year from which the sum stays above zero, 95 % of draws lie before
period | | what the figure is of
place | | where the round is held
points_p50 | percentage points | median of what it lacks, in points by which tariffs on its goods would fall
posterior_mean | row | mean of the posterior
posterior_p5 | row | 5 % of the posterior lie below
posterior_p95 | row | 95 % of the posterior lie below
posterior_sd | row | standard deviation of the posterior
presence | | how the vendor sells, in words
present_value_bn | bn USD | present value
present_value_told | | whether the present value can be told from zero
price | relative to the base date | price beside the common decline
prior_mean | row | mean of the prior
prior_p50 | row | what the middle of the prior predicts
prior_sd | row | standard deviation of the prior
probability_other_sign | share of one | probability that the mean has the other sign
quarter | | first day of the quarter
rank | place | place by size among the parties that can be told from zero; 0 of others
ratio_no_change | one | score relative to that of the forecast that nothing changes
ratio_trend | one | score relative to that of the trend of two years
reference_bn | bn USD | what the party has in the reference, in the years that count
reference_mean | row | mean in the reference
region | | region of the world's trade
regret_mean | row | what the best scenario of the same draw brings more, mean
regret_p90 | row | that regret, 90 % of draws lie below
regret_worst | row | that regret, mean of the worst twentieth of draws
reviews | count | number of draws that review
rule | | when the vendor goes
rung | | rung of the escalation, from 1
same_years_bn | bn USD | value over the years that all moments have in common
scenario | | name of the run
score_mean | standard deviations of the prior | mean of the posterior's score
score_sd | standard deviations of the prior | standard deviation of the posterior's score
scorecard.crps | share of one | mean score of the model, relative to what came
scorecard.crps_no_change | share of one | the same of the forecast that nothing changes, on the rows that it has
scorecard.crps_trend | share of one | the same of the trend of two years, on the rows that it has
scorecard.model_beside_no_change | share of one | mean relative score of the model on the rows that the rule has
scorecard.model_beside_trend | share of one | mean relative score of the model on the rows that the rule has
series | | what was published, of whom and how often
share | share of one | share of draws
share_above | share of one | share of draws above the reference
share_best | share of one | share of draws in which it is the best
share_differing | share of one | share of draws that differ
share_error | share of one | standard error of the share
share_explained | share of one | share of the variance of ranks that it explains
share_gaining | share of one | share of draws with a gain
share_losing | share of one | share of draws with a loss
share_of_imports_percent | percent | share of all imports
declared_share_of_imports_percent | percent | share of all imports as declared at customs
share_of_reference | share of one | gain as a share of what the party has in the reference in the years that count
share_paid_back | share of one | share of draws in which gains have paid for what they cost
share_reference | share of one | share of draws in the reference
sign | one | 1 where the figure counts for the party, -1 where it counts against it
signed_share | share of one | share of draws that sign it
since | calendar year | first of the years that count: those before it are the same in all runs and draws
source | | where the number comes from
start | | first day of the period
sunk_bn | bn USD | cost of setting up
support | share of one | share of all draws that the rule holds
switching.mean_at_p5 | as the difference | mean difference where the number is at its 5 %
switching.mean_at_p95 | as the difference | mean difference where the number is at its 95 %
table | | table that the column stands in
title | | what it is called
told | | whether the mean can be told from zero
total | share of one | total effect: share of the variance that stays if all else is known
total_error | share of one | standard error of the total effect
trend | row | forecast by the trend of two years
tried_as | | what was tried together with it
turns_at | row | value at which the mean changes its sign
turns_high | row | 90 % interval of that value: to
turns_low | row | 90 % interval of that value: from
unit | | unit, or the word for it with which names end
until | calendar year | last of the years that count, in which the run ends
value | row | value
value_error | row | standard error of the value
variance_left | share of one | share of the prior's variance that the posterior has
vendor | | key of the vendor in the scenario
verdict | | what can be said, in words
waits_months | months | time until it is open
went | draws | draws that went so
what | | what was measured
where_costly_cut_share | share of one | cut_share in the draws in which the level costs something
who | | who comes
whole | | whether it has all the others in it
why | | why the figures may differ
why.first | share of one | first-order effect: share of the variance that goes once the group is known
with_range | count | number of figures that the model gives a range for
without_high | share of one | 90 % interval of that share: to
without_low | share of one | 90 % interval of that share: from
without_share | share of one | the same share where the issue looked at is off the table
yearly_bn | bn USD | gain in a year of those that count
"""
WORDS = {
    name: (unit, words)
    for name, unit, words in (map(str.strip, line.split("|", 2)) for line in _WORDS.strip().splitlines())
}
"""Unit and meaning of columns; unit `row` for what the row itself says."""


def words_of_column(
    table: str, column: str, columns: Collection[str], titles: Mapping[tuple[str, str], str]
) -> dict[str, str]:
    """Say of a column what is known of it: title, unit and description.

    Parameters
    ----------
    table, column
        Its table and name.
    columns
        All columns of the table.
    titles
        What pages call columns, by table and column.
    """
    unit, words = WORDS.get(f"{table}.{column}") or WORDS.get(column) or ("", "")
    ending = next((ending for ending in ENDINGS if column.endswith(ending)), "")
    stem = column.removesuffix(ending)
    statistic = next((word for word in STATISTICS if stem == word or stem.endswith(f"_{word}")), "")
    unit = unit or ENDINGS.get(ending, "") or ("row" if statistic else "")
    if unit == "row":
        unit = next((OF_ROW.format(name) for name in SAYING if name in columns), "")
    is_shown = any(held == table for held, _ in titles)
    title = titles.get((table, column), "") if is_shown else _title_anywhere(column, titles)
    words = words or STATISTICS.get(statistic, "")
    if unit and not title and not words:
        title = stem.replace("_", " ")
    return {"title": title, "unit": unit, "description": words}


def _title_anywhere(column: str, titles: Mapping[tuple[str, str], str]) -> str:
    """What a page calls a column of that name in any table, for those that it does not show, such as of charts."""
    return next((words for (_, name), words in titles.items() if name == column), "")
