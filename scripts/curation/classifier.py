"""A naive Bayes classifier of features, such as words, for guesses that other documents teach."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, log

Features = Iterable[str]


@dataclass(frozen=True)
class Classifier:
    """How often each label, and each feature with it, was seen.

    >>> classifier = train([({"eases"}, "efficacy"), ({"harms"}, "safety")])
    >>> max(classifier.weigh({"harms"}).items(), key=lambda item: item[1])[0]
    'safety'
    """

    labels: Counter[str]
    features: Mapping[str, Counter[str]]
    # As many examples of a label as the frequency of a feature with all labels is worth.
    strength: float

    def weigh(self, features: Features) -> dict[str, float]:
        """The probability of each label, by the features that were seen before; they add up to 1."""
        known = [self.features[name] for name in sorted({*features}) if name in self.features]
        total = sum(self.labels.values())
        # A feature is as frequent with a label as with all, as far as few examples do not show otherwise.
        logs = {
            label: log(count / total)
            + sum(
                log((seen[label] + self.strength * sum(seen.values()) / total) / (count + self.strength))
                for seen in known
            )
            for label, count in self.labels.items()
        }
        if not logs:
            return {}
        highest = max(logs.values())
        weights = {label: exp(value - highest) for label, value in logs.items()}
        return {label: weight / sum(weights.values()) for label, weight in weights.items()}

    def guess(self, features: Features, allowed: Iterable[str] = (), least: float = 0.0) -> str:
        """The likeliest of the allowed labels, or the empty string where none is as likely as required."""
        chosen = {*allowed} or {*self.labels}
        weights = {label: weight for label, weight in self.weigh(features).items() if label in chosen}
        likeliest = max(sorted(weights), key=lambda label: weights[label], default="")
        return likeliest if likeliest and weights[likeliest] >= least * sum(weights.values()) else ""


def train(examples: Iterable[tuple[Features, str]], strength: float = 10.0) -> Classifier:
    """The classifier that the examples, features with their label, teach."""
    labels: Counter[str] = Counter()
    features: dict[str, Counter[str]] = {}
    for names, label in examples:
        labels[label] += 1
        for name in {*names}:
            features.setdefault(name, Counter())[label] += 1
    return Classifier(labels, features, strength)
