"""What can be wrong, by kind: the model, the question asked of it, or the accuracy reached."""


class ModelError(ValueError):
    """The data do not describe a model; the message names the place, the number and the way out."""


class CriterionError(ValueError):
    """The model is sound, but the question is not well posed for it, such as a discounted value at ``gamma = 1``."""


class ConvergenceWarning(UserWarning):
    """A limit ended the algorithm before the requested accuracy was reached; the answer's ``status`` says more."""
