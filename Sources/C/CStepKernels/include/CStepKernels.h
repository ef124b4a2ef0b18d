// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "feature_kernels.h"
#include "layer_kernels.h"
#include "training_kernels.h"
