# SPDX-License-Identifier: Apache-2.0
"""Parts that the fault table and the soak share: a daemon process, real sound servers, clients."""
