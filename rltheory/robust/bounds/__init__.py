"""What theory promises about worst cases: one pure function a theorem, put to the test by `proofs_check`."""

from rltheory.robust.bounds.inner import (
    ball_from_penalties,
    ball_loss_chi_square,
    ball_loss_kl,
    ball_loss_tv,
    chi_square_concentration,
    chi_square_penalty_loss,
    chi_square_threshold,
    kl_concentration,
    kl_from_chi_square,
    kl_penalty_from_tv_balls,
    kl_penalty_loss,
    penalty_from_balls,
    tv_concentration,
    tv_from_chi_square,
    tv_from_kl,
    tv_penalty_loss,
)

__all__ = [
    "ball_from_penalties",
    "ball_loss_chi_square",
    "ball_loss_kl",
    "ball_loss_tv",
    "chi_square_concentration",
    "chi_square_penalty_loss",
    "chi_square_threshold",
    "kl_concentration",
    "kl_from_chi_square",
    "kl_penalty_from_tv_balls",
    "kl_penalty_loss",
    "penalty_from_balls",
    "tv_concentration",
    "tv_from_chi_square",
    "tv_from_kl",
    "tv_penalty_loss",
]
