// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import HostileRecipes

fuzz(recipeInputs)
