# SPDX-License-Identifier: Apache-2.0
"""What the fault table and the soak share: a daemon seen from outside, real sound servers, clients of every kind."""
