# SPDX-License-Identifier: Apache-2.0
"""Prints the probabilities that LogisticRegressionTests expects. Needs numpy and scikit-learn (made with 1.9.1)."""
import numpy
from sklearn.linear_model import LogisticRegression

inputs = numpy.array([[((7 * i + 3 * j) % 11) + 0.5 * ((i * j) % 5) for j in range(3)] for i in range(18)], float)
truths = numpy.array([(i * i + i // 3) % 3 for i in range(18)])
standardised = (inputs - inputs.mean(0)) / inputs.std(0)
for penalty in (0.1, 1.0):
    model = LogisticRegression(C=penalty, tol=1e-8, max_iter=10000).fit(standardised, truths)
    rows = model.predict_proba(standardised[:3])
    print(penalty, [[round(float(p), 6) for p in row] for row in rows])
