// SPDX-License-Identifier: Apache-2.0
// Kernels of the network's layers.
#pragma once
