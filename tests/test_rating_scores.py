"""What answers say: against independent fits and published examples, and on degenerate answers."""

import numpy as np
import pytest
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression

from kerascomp import rating
from kerascomp.course import studies
from kerascomp.rating import Answer, answers, strengths
from kerascomp.rating.agreement import alpha
from kerascomp.rating.study import DAMAGED, ORIGINAL

TIME = "2026-01-01T10:00:00Z"


@pytest.fixture(scope="module")
def study():
    return studies.load()


def drawn(scores, num_raters=40, num_trials=60, *, tie=None, seed=0):
    """Answers to comparisons of items with known scores, by the model with ties."""
    rng = np.random.default_rng(seed)
    labels, values = list(scores), list(scores.values())
    found = []
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
            found.append(given(f"r{rater}", f"t{trial}", labels[i], labels[j], str(choice)))
    return found


def given(rater, trial, left, right, answer):
    return Answer(rater, trial, left, right, answer, 1000, TIME)


# Screening


def catches(rater, wrong_identical, wrong_gross, number=10):
    found = []
    for index in range(number):
        answer = "left" if index < wrong_identical else "not sure"
        found.append(given(rater, f"i{index}", "a @ 9 bytes", "a @ 9 bytes", answer))
        sides = (ORIGINAL, DAMAGED) if index % 2 else (DAMAGED, ORIGINAL)
        right = "left" if index % 2 else "right"
        answer = "not sure" if index < wrong_gross else right
        found.append(given(rater, f"g{index}", *sides, answer))
    return found


def test_who_fails_more_than_a_quarter_of_the_catch_trials_is_left_out():
    everything = [
        *catches("careful", 0, 0), *catches("at the limit", 5, 0), *catches("above it", 5, 1),
        *(given(rater, "t", "a", "b", "left") for rater in ("careful", "above it", "no catches")),
    ]  # fmt: skip
    found = rating.screen(everything)
    assert found.left_out == ("above it",) and found.unjudged == ("no catches",)
    assert found.catches["at the limit"] == (5, 20) and found.catches["above it"] == (6, 20)
    assert [each.rater for each in found.answers] == ["careful", "no catches"]


def test_a_rater_who_contradicts_himself_in_catch_trials_is_judged_by_their_number():
    contradictory = catches("moody", 10, 0, number=2)[:2] + catches("moody", 0, 0, number=2)[2:]
    found = rating.screen(contradictory)
    assert found.catches == {"moody": (1, 4)} and found.left_out == ()
    assert rating.screen([]).answers == []


# Scores


def test_known_strengths_are_recovered():
    scores = {"a": -1.0, "b": -0.2, "c": 0.3, "d": 0.9}
    ranking = rating.bradley_terry(drawn(scores, 60, 100, tie=-0.7))
    for label, interval in ranking.scores.items():
        assert interval.value == pytest.approx(scores[label], abs=0.15)
        assert interval.low < scores[label] < interval.high
    assert ranking.tie == pytest.approx(-0.7, abs=0.1)
    assert list(ranking.scores) == ["d", "c", "b", "a"]
    assert sum(interval.value for interval in ranking.scores.values()) == pytest.approx(0)


def test_without_ties_it_is_logistic_regression():
    found = drawn({"a": -1.0, "b": 0.5, "c": 0.4, "d": 0.1}, 30, 40)
    labels = "abcd"
    design = np.zeros((len(found), 4))
    for row, each in zip(design, found, strict=True):
        row[labels.index(each.left)], row[labels.index(each.right)] = 1, -1
    chosen = [each.answer == "left" for each in found]
    fit = LogisticRegression(
        fit_intercept=False, C=strengths.PRIOR_DEVIATION**2, tol=1e-8, max_iter=1000
    ).fit(design, chosen)
    ranking = rating.bradley_terry(found, num_draws=2)
    np.testing.assert_allclose(ranking.values, fit.coef_[0], atol=2e-3)


def test_with_ties_it_is_davidsons_model():
    found = drawn({"a": -0.8, "b": 0.0, "c": 0.6}, 20, 30, tie=0.2)

    def surprise(parameters):
        strength, nu = dict(zip("abc", np.exp(parameters[:3]), strict=True)), np.exp(parameters[3])
        total = (parameters**2).sum() / (2 * strengths.PRIOR_DEVIATION**2)
        for each in found:
            p, q = strength[each.left], strength[each.right]
            middle = nu * np.sqrt(p * q)
            chosen = {"left": p, "right": q, "not sure": middle}[each.answer]
            total -= np.log(chosen / (p + q + middle))
        return total

    fit = minimize(surprise, np.zeros(4), tol=1e-10)
    ranking = rating.bradley_terry(found, num_draws=2)
    np.testing.assert_allclose([*ranking.values, ranking.tie], fit.x, atol=1e-3)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    hits = []
    for seed in range(30):
        found = drawn({"a": -0.5, "b": 0.5}, 8, 25, seed=seed)
        interval = rating.bradley_terry(found, num_draws=200).difference("b", "a")
        hits.append(interval.low <= 1.0 <= interval.high)
    assert np.mean(hits) >= 0.85


def test_one_rater_no_answers_and_all_ties():
    one = rating.bradley_terry(drawn({"a": -1.0, "b": 1.0}, 1, 50), num_draws=100)
    assert one.scores["b"].low > 0 > one.scores["a"].high
    single = rating.bradley_terry([given("r", "t", "a", "b", "left")], num_draws=5)
    assert np.isfinite(single.draws).all() and single.scores["a"].value > 0
    for nothing in ([], catches("r", 0, 0)):
        with pytest.raises(ValueError, match="expected answers to comparisons, received"):
            rating.bradley_terry(nothing)
    ties = [given(f"r{r}", f"t{t}", "a", "b", "not sure") for r in range(3) for t in range(9)]
    assert rating.bradley_terry(ties, num_draws=5).scores["a"] == (0, 0, 0)


def test_who_always_wins_has_a_finite_score_and_a_swap_of_sides_changes_nothing():
    found = [given(f"r{n}", f"t{n}", "a", "b", "left") for n in range(500)]
    value = rating.bradley_terry(found, num_draws=5).scores["a"].value
    assert 2 < value < 6
    turned = [each._replace(left="b", right="a", answer="right") for each in found]
    assert rating.bradley_terry(turned, num_draws=5).scores["a"].value == pytest.approx(value)


def test_what_was_never_compared_has_no_difference():
    found = drawn({"a": 0.0, "b": 1.0}) + drawn({"c": 0.0, "d": 2.0})
    ranking = rating.bradley_terry(found, num_draws=50)
    assert sorted(ranking.groups) == [0, 0, 1, 1]
    assert ranking.scores["d"].value == pytest.approx(1.0, abs=0.2)
    assert ranking.difference("d", "c").low > 1
    with pytest.raises(ValueError, match="a and d were never compared"):
        ranking.difference("a", "d")
    with pytest.raises(ValueError, match="there is no 'e'; there are a, b, c, d"):
        ranking.difference("a", "e")


def test_preferences_count_a_tie_half():
    found = [
        given("r", f"t{i}", "a", "b", each) for i, each in enumerate(["left", "left", "right"])
    ]
    found += [given("r", "t9", "b", "a", "not sure"), *catches("r", 0, 0)]
    shares = rating.preferences(found)
    assert shares == {("a", "b"): 2.5 / 4, ("b", "a"): 1.5 / 4}


# Agreement


def test_krippendorffs_own_example():
    # K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, section D.
    observers = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
        [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
    ]
    units = [
        np.array([each for each in unit if each is not None], float)
        for unit in zip(*observers, strict=True)
    ]
    assert alpha(units) == pytest.approx(0.849, abs=5e-4)


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
            sides = trial.left.label, trial.right.label
            followers.append(given(f"r{rater}", trial.name, *sides, answer))
    found = rating.metric_agreement(study, followers, num_draws=50).intervals
    assert found["SSIM"].value > 0.85
    assert found["SSIM"].low <= found["SSIM"].value <= found["SSIM"].high
    opposite = {"left": "right", "right": "left", "not sure": "not sure"}
    against = [each._replace(answer=opposite[each.answer]) for each in followers]
    turned = rating.metric_agreement(study, against, num_draws=5).intervals
    assert turned["SSIM"].value == pytest.approx(-found["SSIM"].value)
    ties = [each._replace(answer="not sure") for each in followers]
    assert rating.metric_agreement(study, ties, num_draws=5).intervals["MSE"] == (0, 0, 0)


def test_answers_to_another_study_are_refused(study):
    foreign = [given("r", f"x-{number}", "a", "b", "left") for number in range(5)]
    with pytest.raises(ValueError, match=f"5 trials, such as x-0, are not of study {study.name}"):
        rating.metric_agreement(study, foreign)
    with pytest.raises(ValueError, match="needs 3 comparisons with answers, received 0"):
        rating.metric_agreement(study, [])


# Simulated raters


def test_simulated_raters_prefer_what_ssim_prefers_and_look(study):
    found = rating.simulate(study, 6, num_careless=1)
    assert rating.are_simulated(found) and len(found) == 7 * 200
    assert found == rating.simulate(study, 6, num_careless=1)
    screening = rating.screen(found)
    assert screening.left_out == ("simulated-07",)
    assert (
        rating.metric_agreement(study, screening.answers, num_draws=5).intervals["SSIM"].value > 0.6
    )
    assert rating.krippendorff(screening.answers) > 0.3
    assert not rating.are_simulated([given("anna", "t", "a", "b", "left")])
