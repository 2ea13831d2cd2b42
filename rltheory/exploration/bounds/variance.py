r"""How far an estimate of a variance can be from the truth, when first and second moments are known within radii.

Source: Zhou, Gu and Szepesvari (2021), lemma C.1.
"""

from __future__ import annotations


def variance_error(width: float, error: float, square_width: float, square_error: float) -> float:
    r"""Most that the estimated variance of a value in [0, 1] is off.

    For :math:`\theta_0` and :math:`\theta_1` that estimate :math:`\theta` from values and from their squares,

    .. math::

       \Big| [\langle \phi_{V^2}, \theta_1 \rangle]_{[0,1]} - [\langle \phi_V, \theta_0 \rangle]_{[0,1]}^2
       - \mathrm{Var}(V) \Big|
       \le \min\{1, \|\phi_{V^2}\|_{\Sigma_1^{-1}} \|\theta_1 - \theta\|_{\Sigma_1}\}
       + \min\{1, 2 \|\phi_V\|_{\Sigma_0^{-1}} \|\theta_0 - \theta\|_{\Sigma_0}\} .

    Parameters
    ----------
    width, error : float
        :math:`\|\phi_V\|_{\Sigma_0^{-1}}` and :math:`\|\theta_0 - \theta\|_{\Sigma_0}`, or a bound on it.
    square_width, square_error : float
        The same of :math:`V^2` and :math:`\theta_1`.

    Examples
    --------
    >>> variance_error(0.1, 2.0, 0.1, 1.0)
    0.5
    """
    return min(1.0, square_width * square_error) + min(1.0, 2 * width * error)
