// SPDX-License-Identifier: Apache-2.0

/// The version of the three programs, as `--version` prints it and as the daemon sends it in `hello`.
public let undertoneVersion = "0.1.0"
