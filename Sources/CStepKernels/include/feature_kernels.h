// SPDX-License-Identifier: Apache-2.0
// Kernels of the feature path: windowing, transform, filter bank.
#pragma once
