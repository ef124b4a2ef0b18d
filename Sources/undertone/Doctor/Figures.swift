// SPDX-License-Identifier: Apache-2.0
import ServiceRuntime

/// `value` with one digit after the point.
func tenths(_ value: Double) -> String { Plain.number(value, 1) }

/// `value` with three digits after the point.
func thousandths(_ value: Double) -> String { Plain.number(value, 3) }
