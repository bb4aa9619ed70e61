"""Maps and scores: against scikit-learn, on clusters that are known, and on what must not work."""

import numpy as np
import pytest
from sklearn import manifold, metrics
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

from kerascomp import probing

SCORES = (probing.knn_accuracy, probing.linear_probe, probing.silhouette, probing.nmi)


@pytest.fixture(scope="module")
def digits():
    """Vectors (400, 64) and labels of scikit-learn's small digits."""
    vectors, labels = load_digits(return_X_y=True)
    return vectors[:400], labels[:400]


@pytest.fixture(scope="module")
def points(digits):
    return probing.embed(digits[0])


def islands(num_each=40, num_classes=4, spread=0.05, seed=0):
    """Vectors in distant clusters, and the clusters' numbers."""
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(num_classes), num_each)
    return 3 * np.eye(6)[labels] + spread * rng.standard_normal((len(labels), 6)), labels


def test_knn_accuracy_is_that_of_a_classifier_that_never_saw_the_digit(digits):
    vectors, labels = digits
    expected = []
    for index in range(60):
        others = np.arange(len(vectors)) != index
        classifier = KNeighborsClassifier(10, algorithm="brute").fit(
            vectors[others], labels[others]
        )
        expected.append(classifier.predict(vectors[index : index + 1])[0] == labels[index])
    hits = probing.knn_accuracy(vectors, labels, per_vector=True)[:60]
    np.testing.assert_array_equal(hits, expected)
    assert probing.knn_accuracy(vectors, labels, num_neighbors=1) > 0.9


def test_silhouette_and_nmi_are_those_of_scikit_learn(digits):
    vectors, labels = digits
    expected = metrics.silhouette_score(vectors, labels)
    assert probing.silhouette(vectors, labels) == pytest.approx(expected)
    clusters = probing.clusters(vectors, 10, seed=3)
    expected = metrics.normalized_mutual_info_score(labels, clusters)
    assert probing.nmi(vectors, labels, seed=3) == pytest.approx(expected)
    values = probing.nmi(vectors, labels, seed=3, per_vector=True)
    assert values.shape == (400,) and values.mean() == pytest.approx(expected)


def test_trustworthiness_and_continuity_are_those_of_scikit_learn(digits, points):
    for true, other, function in (
        (digits[0], points, probing.trustworthiness),
        (points, digits[0], probing.continuity),
    ):
        expected = manifold.trustworthiness(true, other, n_neighbors=10)
        assert function(digits[0], points) == pytest.approx(expected, abs=2e-5)
    assert probing.trustworthiness(points, points) == probing.continuity(points, points) == 1


def test_known_clusters_get_full_marks():
    vectors, labels = islands()
    assert probing.knn_accuracy(vectors, labels) == 1
    assert probing.linear_probe(vectors, labels) == 1
    assert probing.nmi(vectors, labels) == pytest.approx(1)
    assert probing.silhouette(vectors, labels) > 0.9
    points = probing.embed(vectors)
    assert probing.knn_accuracy(points, labels) == 1
    assert probing.silhouette(points, labels) > 0.5


def test_shuffled_labels_give_chance(digits):
    vectors, labels = digits
    shuffled = np.random.default_rng(1).permutation(labels)
    assert probing.knn_accuracy(vectors, shuffled) == pytest.approx(0.1, abs=0.06)
    assert probing.linear_probe(vectors, shuffled) == pytest.approx(0.1, abs=0.06)
    assert probing.nmi(vectors, shuffled) < 0.15
    assert probing.silhouette(vectors, shuffled) < 0


def test_the_same_seed_makes_the_same_map(digits, points):
    vectors, labels = digits
    np.testing.assert_array_equal(probing.embed(vectors), points)
    assert points.shape == (400, 2) and np.isfinite(points).all()
    # an independent implementation finds maps that are as good
    other = manifold.TSNE(perplexity=30, init="pca", random_state=0).fit_transform(vectors)
    ours, theirs = (probing.knn_accuracy(p, labels) for p in (points, other))
    assert ours == pytest.approx(theirs, abs=0.03)
    assert probing.trustworthiness(vectors, points) > 0.97


def test_a_map_that_starts_from_another_stays_near_it(digits, points):
    """Started from a mirror image, it comes out mirrored; started by itself, it does not."""
    vectors, _ = digits

    def likeness(other):
        return np.corrcoef(other.T, mirrored.T)[:2, 2:].diagonal().min()

    mirrored = points * (-1, 1)
    assert likeness(probing.embed(vectors, start=mirrored)) > 0.8
    assert likeness(probing.embed(vectors)) < 0


def test_maps_are_kept(digits, tmp_path, monkeypatch):
    vectors = digits[0][:120].astype(np.float32)
    first = probing.embed_once(tmp_path, vectors, 1, perplexity=10)
    assert len(list(tmp_path.rglob("*.npz"))) == 1
    monkeypatch.setattr(probing.embedding, "embed", lambda *_, **__: pytest.fail("computed again"))
    np.testing.assert_array_equal(probing.embed_once(tmp_path, vectors, 1, perplexity=10), first)
    monkeypatch.undo()
    for changed in (
        lambda: probing.embed_once(tmp_path, vectors, 2, perplexity=10),
        lambda: probing.embed_once(tmp_path, vectors[::-1], 1, perplexity=10),
        lambda: probing.embed_once(tmp_path, vectors, 1, perplexity=11),
        lambda: probing.embed_once(tmp_path, vectors, 1, perplexity=10, start=first),
    ):
        before = len(list(tmp_path.rglob("*.npz")))
        changed()
        assert len(list(tmp_path.rglob("*.npz"))) == before + 1


def test_intervals_hold_the_truth_as_often_as_they_say():
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        samples = [(rng.random(100) < 0.8).astype(float) for _ in range(3)]
        value, low, high = probing.interval(samples, num_draws=200)
        held += low <= 0.8 <= high
        assert low <= value <= high
    assert 0.9 < held / 200 < 0.99
    assert probing.interval([np.full(9, 0.5)]) == (0.5, 0.5, 0.5)


def test_the_interval_of_a_difference_is_narrow_where_two_agree_on_most():
    rng = np.random.default_rng(0)
    one = (rng.random(1000) < 0.8).astype(float)
    other = one.copy()
    other[:10] = 1 - other[:10]
    alone, paired = probing.interval([one]), probing.interval([one - other])
    assert paired.high - paired.low < 0.3 * (alone.high - alone.low)


def test_a_table_says_which_differences_are_decided():
    values = np.linspace(0, 1, 100)
    noise = np.random.default_rng(0).standard_normal(100)
    rows = {"base": values, "more": values + 0.1, "less": values - 0.1, "noise": values + noise}
    samples = {name: {"knn": [row, row]} for name, row in rows.items()}
    assert probing.difference(samples, "more", "base", "knn") == pytest.approx((0.1, 0.1, 0.1))
    pairs = [(name, "base") for name in ("more", "less", "noise")]
    head, _, *lines = probing.difference_table(samples, pairs, ["knn"]).splitlines()
    assert head == "| difference | k-NN accuracy |"
    assert lines[0] == "| more − base | +0.100 (+0.100 to +0.100), **higher** |"
    assert [line.split(", ")[1] for line in lines[1:]] == ["**lower** |", "not decided |"]


def test_a_probe_has_every_score_and_its_interval(tmp_path):
    vectors, labels = islands(num_each=100)
    noise = np.random.default_rng(3).standard_normal(vectors.shape)
    both = {"islands": vectors, "noise": noise}
    report = probing.probe(both, labels, tmp_path, num_samples=2, num_each=150)
    assert list(report) == list(both)
    for scores in report.values():
        assert set(scores) == set(probing.METRICS)
        of_maps = {"knn_map", "trustworthiness", "continuity"}  # one map, of the first sample
        for metric, samples in scores.items():
            assert np.shape(samples) == (1 if metric in of_maps else 2, 150)
    good, bad = ({m: np.mean(s) for m, s in report[name].items()} for name in both)
    assert good["knn"] == good["linear"] == 1 and good["nmi"] == pytest.approx(1)
    assert bad["knn_map"] < 0.5 and bad["nmi"] < 0.1
    with pytest.raises(ValueError, match="short has 3 vectors for 400 labels"):
        probing.probe({"short": vectors[:3]}, labels, tmp_path, num_samples=2, num_each=150)
    with pytest.raises(ValueError, match="expected 600 images, received 400"):
        probing.probe(both, labels, tmp_path, num_samples=3, num_each=200)


@pytest.mark.parametrize("score", SCORES)
def test_what_has_no_score(score):
    vectors, labels = islands()
    with pytest.raises(ValueError, match="all labels are 1; a score needs at least two classes"):
        score(vectors, np.ones(len(labels), int))
    with pytest.raises(ValueError, match="all 160 vectors are the same"):
        score(np.ones_like(vectors), labels)
    with pytest.raises(ValueError, match=r"expected 160 labels, a label a vector, received \(9,\)"):
        score(vectors, labels[:9])
    with pytest.raises(ValueError, match="1 of 160 vectors have numbers that are not finite"):
        score(np.where(np.arange(160)[:, None] == 3, np.nan, vectors), labels)


def test_what_has_no_map():
    vectors, _ = islands()
    with pytest.raises(
        ValueError, match="a perplexity of 30 needs more than 90 vectors, received 8"
    ):
        probing.embed(vectors[:8])
    with pytest.raises(ValueError, match="all 160 vectors are the same"):
        probing.embed(np.zeros((160, 3)))
    with pytest.raises(ValueError, match=r"expected a start of \(160, 2\), received \(4, 2\)"):
        probing.embed(vectors, start=np.zeros((4, 2)))
    with pytest.raises(ValueError, match=r"at least two vectors \(N, K\), received shape \(5,\)"):
        probing.embed(np.arange(5))


def test_too_few_of_anything():
    vectors, labels = islands()
    with pytest.raises(ValueError, match="expected more than 10 vectors, received 4"):
        probing.neighbors(vectors[:4])
    with pytest.raises(ValueError, match="received a class with 2"):
        probing.linear_probe(vectors[:42], labels[:42])
    with pytest.raises(ValueError, match="2 different vectors do not make 4 clusters"):
        probing.nmi(np.repeat([[0.0], [1.0]], 80, axis=0), labels)
    for function in (probing.trustworthiness, probing.continuity):
        with pytest.raises(ValueError, match="more than 20, received (160 and 20|20 and 160)"):
            function(vectors, vectors[:20, :2])
    with pytest.raises(ValueError, match="at least one sample"):
        probing.interval([])


def test_duplicates_have_a_map_and_neighbors():
    vectors, _ = islands()
    twice = np.concatenate([vectors, vectors])
    assert np.isfinite(probing.embed(twice)).all()
    nearest = probing.neighbors(twice, 1)[:, 0]
    np.testing.assert_array_equal(nearest, (np.arange(320) + 160) % 320)
