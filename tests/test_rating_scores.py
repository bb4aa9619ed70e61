"""What answers say: against independent fits and published examples, and on degenerate answers."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from kerascomp import rating
from kerascomp.course import studies
from kerascomp.rating import Answer, Item, answers, scores
from kerascomp.rating.agreement import alpha
from kerascomp.rating.study import DAMAGED, ORIGINAL

TIME = "2026-01-01T10:00:00Z"
A, B, C, D = (Item(name, 9) for name in "abcd")


@pytest.fixture(scope="module")
def study():
    return studies.load()


def drawn(known, num_raters=40, num_trials=60, *, tie=None, seed=0):
    """Answers to comparisons of codecs with known scores, by the model with ties."""
    rng = np.random.default_rng(seed)
    labels, values = list(known), list(known.values())
    drawn_answers = []
    for trial in range(num_trials):
        i, j = rng.choice(len(labels), 2, replace=False)
        terms = [
            values[i],
            -np.inf if tie is None else tie + (values[i] + values[j]) / 2,
            values[j],
        ]
        odds = np.exp(terms)
        for rater in range(num_raters):
            choice = rng.choice(answers.ANSWERS, p=odds / odds.sum())
            rated = given(f"r{rater}", f"t{trial}", labels[i], labels[j], str(choice))
            drawn_answers.append(rated)
    return drawn_answers


def given(rater, trial, left, right, answer):
    return Answer(rater, trial, Item(left, 9), Item(right, 9), answer, 1000, TIME)


# Screening


def catches(rater, wrong_identical, wrong_gross, number=10):
    answers = []
    for index in range(number):
        answer = "left" if index < wrong_identical else "not sure"
        answers.append(given(rater, f"i{index}", "a", "a", answer))
        sides = (Item(ORIGINAL), Item(DAMAGED))[:: 1 if index % 2 else -1]
        right = "left" if index % 2 else "right"
        answer = "not sure" if index < wrong_gross else right
        answers.append(Answer(rater, f"g{index}", *sides, answer, 1000, TIME))
    return answers


def test_who_fails_more_than_a_quarter_of_the_catch_trials_is_left_out():
    everything = [
        *catches("careful", 0, 0), *catches("at the limit", 5, 0), *catches("above it", 5, 1),
        *(given(rater, "t", "a", "b", "left") for rater in ("careful", "above it", "no catches")),
    ]  # fmt: skip
    screening = rating.screen(everything)
    assert screening.left_out == ("above it",) and screening.unjudged == ("no catches",)
    assert screening.catches["at the limit"] == (5, 20)
    assert screening.catches["above it"] == (6, 20)
    assert screening.answers == [answer for answer in everything if answer.rater != "above it"]


def test_a_rater_who_contradicts_himself_in_catch_trials_is_judged_by_their_number():
    contradictory = catches("moody", 10, 0, number=2)[:2] + catches("moody", 0, 0, number=2)[2:]
    screening = rating.screen(contradictory)
    assert screening.catches == {"moody": (1, 4)} and screening.left_out == ()
    assert rating.screen([]).answers == []


# Scores


def test_known_strengths_are_recovered():
    known = {"a": -1.0, "b": -0.2, "c": 0.3, "d": 0.9}
    ranking = rating.bradley_terry(drawn(known, 60, 100, tie=-0.7))
    for (codec, _), interval in ranking.scores.items():
        assert interval.value == pytest.approx(known[codec], abs=0.15)
        assert interval.low < known[codec] < interval.high
    assert ranking.tie == pytest.approx(-0.7, abs=0.1)
    assert list(ranking.scores) == [D, C, B, A]
    assert sum(interval.value for interval in ranking.scores.values()) == pytest.approx(0)


def test_without_ties_it_is_logistic_regression():
    compared = drawn({"a": -1.0, "b": 0.5, "c": 0.4, "d": 0.1}, 30, 40)
    items = [A, B, C, D]
    design = np.zeros((len(compared), 4))
    for row, answer in zip(design, compared, strict=True):
        row[items.index(answer.left)], row[items.index(answer.right)] = 1, -1
    chosen = [answer.answer == "left" for answer in compared]
    fit = LogisticRegression(
        fit_intercept=False, C=scores.PRIOR_DEVIATION**2, tol=1e-8, max_iter=1000
    ).fit(design, chosen)
    ranking = rating.bradley_terry(compared, num_draws=2)
    np.testing.assert_allclose(ranking.values, fit.coef_[0], atol=2e-3)


def surprise(parameters, weighted):
    """Minus the log probability of [(answer, weight)] about a, b and c in Davidson's model."""
    strength, nu = dict(zip([A, B, C], np.exp(parameters[:3]), strict=True)), np.exp(parameters[3])
    total = (parameters**2).sum() / (2 * scores.PRIOR_DEVIATION**2)
    for answer, weight in weighted:
        p, q = strength[answer.left], strength[answer.right]
        middle = nu * np.sqrt(p * q)
        chosen = {"left": p, "right": q, "not sure": middle}[answer.answer]
        total -= weight * np.log(chosen / (p + q + middle))
    return total


def test_with_ties_it_is_davidsons_model_in_every_draw():
    compared = drawn({"a": -0.8, "b": 0.0, "c": 0.6}, 20, 30, tie=0.2)
    ranking = rating.bradley_terry(compared, num_draws=2, seed=5)
    fit = minimize(surprise, np.zeros(4), [(answer, 1) for answer in compared], tol=1e-10)
    np.testing.assert_allclose([*ranking.values, ranking.tie], fit.x, atol=1e-3)
    rng = np.random.default_rng(5)
    raters, trials = (sorted({answer[field] for answer in compared}) for field in (0, 1))
    for draw in ranking.draws:
        of_raters, of_trials = (
            [group[index] for index in rng.integers(len(group), size=len(group))]
            for group in (raters, trials)
        )
        weighted = [
            (answer, of_raters.count(answer.rater) * of_trials.count(answer.trial))
            for answer in compared
        ]
        fit = minimize(surprise, np.zeros(4), weighted, tol=1e-10)
        np.testing.assert_allclose(draw, fit.x[:3], atol=1e-3)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    hits = []
    for seed in range(30):
        compared = drawn({"a": -0.5, "b": 0.5}, 8, 25, seed=seed)
        interval = rating.bradley_terry(compared, num_draws=200).difference(B, A)
        hits.append(interval.low <= 1.0 <= interval.high)
    assert np.mean(hits) >= 0.85


def test_one_rater_no_answers_and_all_ties():
    one = rating.bradley_terry(drawn({"a": -1.0, "b": 1.0}, 1, 50), num_draws=100)
    assert one.scores[B].low > 0 > one.scores[A].high
    single = rating.bradley_terry([given("r", "t", "a", "b", "left")], num_draws=5)
    assert np.isfinite(single.draws).all() and single.scores[A].value > 0
    for nothing in ([], catches("r", 0, 0)):
        with pytest.raises(ValueError, match="expected answers to comparisons, received"):
            rating.bradley_terry(nothing)
    ties = [given(f"r{r}", f"t{t}", "a", "b", "not sure") for r in range(3) for t in range(9)]
    assert rating.bradley_terry(ties, num_draws=5).scores[A] == (0, 0, 0)


def test_who_always_wins_has_a_finite_score_and_a_swap_of_sides_changes_nothing():
    compared = [given(f"r{n}", f"t{n}", "a", "b", "left") for n in range(500)]
    value = rating.bradley_terry(compared, num_draws=5).scores[A].value
    assert 2 < value < 6
    turned = [answer._replace(left=B, right=A, answer="right") for answer in compared]
    assert rating.bradley_terry(turned, num_draws=5).scores[A].value == pytest.approx(value)


def test_what_was_never_compared_has_no_difference():
    compared = drawn({"a": 0.0, "b": 1.0}) + drawn({"c": 0.0, "d": 2.0})
    ranking = rating.bradley_terry(compared, num_draws=50)
    assert sorted(ranking.groups) == [0, 0, 1, 1]
    assert ranking.scores[D].value == pytest.approx(1.0, abs=0.2)
    assert ranking.difference(D, C).low > 1
    with pytest.raises(ValueError, match="a at 9 bytes and d at 9 bytes were never compared"):
        ranking.difference(A, D)
    with pytest.raises(ValueError, match="there is no e at 9 bytes; there are a at 9 bytes, b"):
        ranking.difference(A, Item("e", 9))


def test_preferences_count_a_tie_half():
    sides = ["left", "left", "right"]
    compared = [given("r", f"t{index}", "a", "b", side) for index, side in enumerate(sides)]
    compared.append(given("r", "t9", "b", "a", "not sure"))
    assert rating.preferences(compared) == {(A, B): 2.5 / 4, (B, A): 1.5 / 4}


def test_catch_trials_change_no_analysis():
    compared = drawn({"a": -0.8, "b": 0.0, "c": 0.6}, 4, 20, tie=0.2)
    mixed = [*catches("r0", 1, 2), *compared, *catches("r1", 3, 0)]
    for analysis in (rating.krippendorff, rating.preference, rating.preferences):
        assert analysis(mixed) == analysis(compared)
    ranking, expected = (rating.bradley_terry(given, num_draws=5) for given in (mixed, compared))
    np.testing.assert_array_equal(ranking.draws, expected.draws)
    assert ranking.scores == expected.scores


# Agreement


def test_krippendorffs_own_example():
    # K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, section D.
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    table = np.array(observers, float).T  # (unit, observer)
    units, _ = np.nonzero(np.isfinite(table))
    assert alpha(units, table[np.isfinite(table)]) == pytest.approx(0.849, abs=5e-4)


def test_agreement_of_answers():
    same = drawn({"a": -9.0, "b": 9.0}, 5, 20)
    assert rating.krippendorff(same) == pytest.approx(1)
    random = drawn({"a": 0.0, "b": 0.0}, 5, 400)
    assert rating.krippendorff(random) == pytest.approx(0, abs=0.05)
    with pytest.raises(ValueError, match="trials that two raters have answered"):
        rating.krippendorff(drawn({"a": 0.0, "b": 0.0}, 1, 20))
    ties = [given(f"r{r}", f"t{t}", "a", "b", "not sure") for r in range(3) for t in range(9)]
    with pytest.raises(ValueError, match="all answers are the same"):
        rating.krippendorff(ties)


def test_a_metric_agrees_with_raters_who_follow_it(study):
    differences = rating.metric_differences(study)
    assert set(differences) == set(rating.METRICS)
    followers = []
    for trial in study.comparisons:
        ssim = differences["SSIM"][trial.name]
        for rater, least in enumerate(
            np.quantile(np.abs(list(differences["SSIM"].values())), [0, 0.5])
        ):
            answer = "left" if ssim > least else "right" if ssim < -least else "not sure"
            sides = trial.left.item, trial.right.item
            followers.append(Answer(f"r{rater}", trial.name, *sides, answer, 1000, TIME))
    ssim = rating.metric_agreement(study, followers, num_draws=50).intervals["SSIM"]
    assert ssim.value > 0.85
    assert ssim.low <= ssim.value <= ssim.high
    opposite = {"left": "right", "right": "left", "not sure": "not sure"}
    against = [answer._replace(answer=opposite[answer.answer]) for answer in followers]
    turned = rating.metric_agreement(study, against, num_draws=5).intervals
    assert turned["SSIM"].value == pytest.approx(-ssim.value)
    ties = [answer._replace(answer="not sure") for answer in followers]
    assert rating.metric_agreement(study, ties, num_draws=5).intervals["MSE"] == (0, 0, 0)


def test_answers_to_another_study_are_refused(study):
    foreign = [given("r", f"x-{number}", "a", "b", "left") for number in range(5)]
    with pytest.raises(ValueError, match=f"5 trials, such as x-0, are not of study {study.name}"):
        rating.metric_agreement(study, foreign)
    with pytest.raises(ValueError, match="answers to 3 comparisons or more, received 0"):
        rating.metric_agreement(study, [])


# Simulated raters


def test_simulated_raters_prefer_what_ssim_prefers_and_look(study):
    simulated = rating.simulate(study, 6, num_careless=1)
    assert rating.are_simulated(simulated) and len(simulated) == 7 * 200
    assert simulated == rating.simulate(study, 6, num_careless=1)
    screening = rating.screen(simulated)
    assert screening.left_out == ("simulated-07",)
    estimates = rating.metric_agreement(study, screening.answers, num_draws=5)
    assert estimates.intervals["SSIM"].value > 0.6
    assert rating.krippendorff(screening.answers) > 0.3
    assert not rating.are_simulated([given("anna", "t", "a", "b", "left")])
