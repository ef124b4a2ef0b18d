// SPDX-License-Identifier: Apache-2.0

/// The head of the page and its look, light and dark.
enum TimelineStyle {
    static let head = """
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
        script-src 'unsafe-inline'; media-src 'self' file:">
        <title>Undertone: emotion in recordings</title>
        <style>
        :root { color-scheme: light dark; --page: #fff; --ink: #1c2024; --soft: #5d6670; --line: #dde1e6;
          --wave: #68727d; --speech: #dff0e4; --panel: #f5f6f8; }
        @media (prefers-color-scheme: dark) {
          :root { --page: #14171a; --ink: #e8eaed; --soft: #9aa3ad; --line: #31373e; --wave: #9aa6b2;
            --speech: #1d3a2a; --panel: #1d2126; } }
        body { margin: 0 auto; max-width: 1400px; padding: 16px 24px; background: var(--page); color: var(--ink);
          font: 14px/1.45 system-ui, sans-serif; }
        h1 { font-size: 20px; margin: 0 0 4px; } h2 { font-size: 15px; margin: 0; overflow-wrap: anywhere; }
        p { margin: 0 0 8px; color: var(--soft); }
        .legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 8px 0; }
        .legend i { display: inline-block; width: 12px; height: 12px; border-radius: 2px; margin-right: 5px; }
        section { margin: 24px 0; }
        .bar { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 6px 0; }
        .bar span { color: var(--soft); } .bar audio { height: 32px; }
        button { font: inherit; padding: 2px 10px; }
        .strip { overflow-x: auto; overflow-y: hidden; border: 1px solid var(--line); border-radius: 6px;
          background: var(--panel); }
        .strip canvas { position: sticky; left: 0; display: block; cursor: crosshair; }
        .strip:focus-visible, canvas:focus-visible { outline: 2px solid #3b78d8; }
        #tip { position: fixed; pointer-events: none; z-index: 9; background: var(--page); color: var(--ink);
          border: 1px solid var(--line); border-radius: 6px; padding: 6px 10px; white-space: pre; display: none;
          box-shadow: 0 2px 10px #0004; font-variant-numeric: tabular-nums; }
        details { margin-top: 6px; } summary { cursor: pointer; color: var(--soft); }
        .scroll { max-height: 340px; overflow: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { text-align: left; padding: 2px 12px 2px 0; } td.n { text-align: right; }
        </style>
        <body>

        """
}
