// SPDX-License-Identifier: Apache-2.0
import FuzzDriver
import HostileTables

fuzz(tableInputs)
