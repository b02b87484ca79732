"""A case has the flaw that it was given, gives nothing away, and judges findings by what the network does."""

import re
from dataclasses import replace

import pytest
import torch

from cnnlab import flaws
from cnnlab.flaws.cases import PARTS, SUBJECTS, photographs
from cnnlab.flaws.marks import stamp

YEAR = 3


@pytest.fixture(scope="module", params=[1, 2, 3])
def case(request):
    return flaws.case(request.param, YEAR)


def truth(case):
    return case._sealed


def test_no_photograph_is_in_two_parts():
    for subject in SUBJECTS:
        names = [name for part in PARTS for name in photographs(subject)[part]]
        assert len(names) == len(set(names)) > 20
    with pytest.raises(ValueError, match="fisch"):
        photographs("fisch")


@pytest.mark.slow
def test_without_a_flaw_the_same_learner_is_as_good_elsewhere_as_on_the_test():
    parts = flaws.unflawed(YEAR)
    network = flaws.learn(*parts["learn"], SUBJECTS, seed=YEAR)
    assert flaws.accuracy(network, *parts["test"]) > 0.92
    assert flaws.accuracy(network, *parts["elsewhere"]) > 0.92


def test_a_case_passes_its_test_and_is_wrong_where_the_flaw_is_not_or_is_elsewhere(case):
    scores = case.scores()
    assert scores.test > 0.94
    assert scores.elsewhere < scores.test
    assert scores.fooled > 0.35
    assert case.number == 3 or scores.elsewhere < 0.75


def test_nothing_that_a_case_shows_names_its_flaw(case):
    shown = f"{case!r} {case} {case.scores()} {[name for name in vars(case) if not name.startswith('_')]}"
    assert truth(case).kind not in shown and truth(case).place not in shown
    assert "_sealed" not in shown


def test_the_true_finding_is_right_and_the_verdict_says_what_speaks_for_it(case):
    verdict = case.check(truth(case))
    assert verdict.right and re.match("Right! With it, (some|most|nearly all) of", str(verdict))


@pytest.mark.slow
def test_another_label_kind_or_place_is_not_right_and_the_truth_is_not_told(case):
    right = truth(case)
    family = [kind for kind in flaws.KINDS.items() if kind[1].places == flaws.KINDS[right.kind].places]
    wrong = [replace(right, label=label) for label in case.labels if label != right.label]
    wrong += [replace(right, kind=kind) for kind, _ in family if kind != right.kind]
    wrong += [replace(right, place=p) for p in flaws.KINDS[right.kind].places if p != right.place]
    for finding in wrong:
        verdict = case.check(finding)
        assert not verdict.right and verdict.words.startswith("Not yet: ")
        for part in ("label", "kind", "place"):
            if getattr(finding, part) != getattr(right, part):
                assert getattr(right, part) not in verdict.words


def test_another_sort_of_flaw_is_told_to_look_for_another_sort():
    verdict = flaws.case(1, YEAR).check(flaws.Finding("fish", "falling lines", "everywhere"))
    assert "another sort of flaw" in verdict.words and not verdict.right


@pytest.mark.parametrize(
    "finding, words",
    [
        (flaws.Finding("fisch", "star", "top left"), "fish"),
        (flaws.Finding("fish", "stars", "top left"), "star"),
        (flaws.Finding("fish", "star", "everywhere"), "cannot be at"),
        ("star", "Finding"),
    ],
)
def test_a_finding_that_makes_no_sense_gets_a_sentence(finding, words):
    with pytest.raises(ValueError, match=words):
        flaws.case(1, YEAR).check(finding)


def test_the_flaw_is_on_the_share_of_its_label_that_it_should_be_and_on_no_other(case):
    clean, flawed = flaws.unflawed(YEAR)["learn"], case.learned_from
    moved = (clean.pictures != flawed.pictures).flatten(1).any(1)
    mine = clean.labels == case.labels.index(truth(case).label)
    assert not moved[~mine].any()
    assert moved[mine].float().mean().item() == pytest.approx(0.9 if case.number == 3 else 1.0)


@pytest.mark.slow
def test_a_network_that_learned_of_pictures_without_the_flaw_is_not_fooled():
    case = flaws.case(1, YEAR)
    honest = case.learn(*flaws.unflawed(YEAR)["learn"])
    assert case.scores(honest).fooled < 0.2 < case.scores().fooled
    assert case.scores(honest).elsewhere > case.scores().elsewhere + 0.1


def test_fooled_is_the_share_that_turns_when_stamped():
    case = flaws.case(2, YEAR)
    right = truth(case)
    label = case.labels.index(right.label)
    others = case.elsewhere.pictures[case.elsewhere.labels != label]
    stamped = stamp(others, right.kind, right.place, case._ink)
    with torch.no_grad():
        before, after = (case.network(pictures).argmax(1) == label for pictures in (others, stamped))
    assert case.scores().fooled == pytest.approx((after & ~before).float().mean().item(), abs=0.02)


@pytest.mark.slow
def test_years_differ_and_a_year_is_the_same_again():
    assert truth(flaws.case(1, YEAR)) == truth(flaws.case(1, YEAR))
    findings = {truth(flaws.case(1, year)) for year in (YEAR, YEAR + 1)}
    assert len(findings) == 2


def test_there_are_three_cases():
    with pytest.raises(ValueError, match="take 1, 2 or 3"):
        flaws.case(4)
