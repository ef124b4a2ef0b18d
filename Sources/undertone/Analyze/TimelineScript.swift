// SPDX-License-Identifier: Apache-2.0

/// The program of the page.
enum TimelineScript {
    static let text = #"""

        'use strict';
        const data = JSON.parse(document.getElementById('data').textContent);
        const colors = COLORS;
        const labels = data.labels, waveHeight = 90, labelHeight = 24, stackHeight = 110, axisHeight = 20;
        const height = waveHeight + labelHeight + stackHeight + axisHeight;
        const dark = matchMedia('(prefers-color-scheme: dark)');
        const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
        const make = (name, parent, text) => {
          const element = document.createElement(name);
          if (text !== undefined) element.textContent = text;
          parent.append(element);
          return element;
        };
        const clock = (s) => {
          const tenths = Math.round(s * 10), h = Math.floor(tenths / 36000);
          const rest = String(Math.floor(tenths / 600) % 60).padStart(2, '0') + ':'
            + String(Math.floor(tenths / 10) % 60).padStart(2, '0') + '.' + tenths % 10;
          return h ? h + ':' + rest : rest;
        };
        // The first index whose value is not below `wanted`.
        const search = (list, wanted, value = (x) => x) => {
          let low = 0, high = list.length;
          while (low < high) {
            const middle = (low + high) >> 1;
            if (value(list[middle]) < wanted) low = middle + 1; else high = middle;
          }
          return low;
        };
        const tip = make('div', document.body);
        tip.id = 'tip';

        class Strip {
          constructor(recording) {
            this.r = recording;
            const section = make('section', document.body);
            make('h2', section, recording.name + (recording.channel ? ', channel ' + recording.channel : ''));
            const bar = make('div', section);
            bar.className = 'bar';
            for (const [text, title, act] of [['−', 'Zoom out', () => this.zoom(0.5)], ['+', 'Zoom in', () => this.zoom(2)],
              ['Whole', 'Show the whole recording', () => this.fit()]]) {
              const button = make('button', bar, text);
              button.title = title;
              button.onclick = act;
            }
            const named = recording.utterances.filter((u) => u.label !== undefined).length;
            const count = recording.utterances.length;
            make('span', bar, clock(recording.duration) + ', ' + count + (count === 1 ? ' utterance, ' : ' utterances, ')
              + named + ' with a label');
            this.addAudio(bar);
            this.strip = make('div', section);
            this.strip.className = 'strip';
            this.strip.tabIndex = 0;
            this.canvas = make('canvas', this.strip);
            this.canvas.setAttribute('role', 'img');
            this.canvas.setAttribute('aria-label', 'Timeline of ' + recording.name + '; the table below has its numbers');
            this.spacer = make('div', this.strip);
            this.spacer.style.height = '1px';
            this.addTable(section);
            this.strip.onscroll = () => this.later();
            this.canvas.onmousemove = (e) => this.hover(e);
            this.canvas.onmouseleave = () => { tip.style.display = 'none'; };
            this.canvas.onclick = (e) => { if (this.audio) this.audio.currentTime = this.time(e); this.later(); };
            this.strip.addEventListener('wheel', (e) => {
              if (!e.ctrlKey) return;
              e.preventDefault();
              this.zoom(e.deltaY < 0 ? 1.25 : 0.8, e.clientX - this.strip.getBoundingClientRect().left);
            }, { passive: false });
            this.scale = 0;
            new ResizeObserver(() => this.resize()).observe(this.strip);
            new IntersectionObserver((all) => {
              this.visible = all[all.length - 1].isIntersecting;
              this.later();
            }).observe(this.strip);
          }

          addAudio(bar) {
            if (!this.r.audio) return;
            const audio = make('audio', bar);
            audio.controls = true;
            audio.preload = 'metadata';
            audio.onloadedmetadata = () => { this.audio = audio; };
            audio.onerror = () => audio.replaceWith(Object.assign(document.createElement('span'),
              { textContent: 'put the recording next to this page to hear it' }));
            const follow = () => { this.follow(); if (!audio.paused) requestAnimationFrame(follow); };
            audio.onplay = follow;
            audio.onseeked = () => this.later();
            audio.src = this.r.audio;
          }

          addTable(section) {
            const details = make('details', section);
            make('summary', details, 'Utterances as a table');
            // An hour has a thousand rows, which are made only when the user opens the table.
            details.ontoggle = () => {
              if (details.querySelector('table')) return;
              const box = make('div', details);
              box.className = 'scroll';
              const table = make('table', box), head = make('tr', table);
              for (const name of ['', 'start', 'end', 'label', 'confidence', 'speech', 'level', 'known voice']) make('th', head, name);
              for (const u of this.r.utterances) {
                const row = make('tr', table), has = u.label !== undefined;
                for (const text of [u.n, clock(u.start), clock(u.end), has ? labels[u.label] : '(' + u.why + ')',
                  has ? u.p[u.label].toFixed(2) : '', u.speech.toFixed(1) + ' s', u.level.toFixed(1) + ' dBFS',
                  u.voice.toFixed(1) + ' s']) make('td', row, text);
              }
            };
          }

          decode() {
            if (this.peaks) return;
            this.peaks = bytes(this.r.peaks);
            this.times = new Uint32Array(bytes(this.r.times).buffer);
            this.p = bytes(this.r.p);
            this.speech = this.r.speech;
            this.r.peaks = this.r.p = this.r.times = '';
          }

          get width() { return this.strip.clientWidth; }
          get whole() { return Math.max(0.01, this.width / Math.max(0.1, this.r.duration)); }
          time(e) { return (this.strip.scrollLeft + e.clientX - this.strip.getBoundingClientRect().left) / this.scale; }
          // Browsers lay out boxes of some ten million pixels at most.
          get finest() { return Math.max(this.whole, Math.min(400, 8e6 / Math.max(0.1, this.r.duration))); }

          resize() {
            // At first a recording is shown whole, or its first minute where it is longer.
            if (!this.scale) this.scale = Math.max(this.whole, this.width / 60);
            this.setScale(this.scale);
          }
          setScale(scale) {
            this.scale = Math.min(this.finest, Math.max(this.whole, scale));
            this.spacer.style.width = Math.floor(this.scale * this.r.duration) + 'px';
            const ratio = devicePixelRatio || 1;
            this.canvas.width = Math.round(this.width * ratio);
            this.canvas.height = height * ratio;
            this.canvas.style.width = this.width + 'px';
            this.canvas.style.height = height + 'px';
            this.later();
          }
          zoom(factor, at = this.width / 2) {
            const time = (this.strip.scrollLeft + at) / this.scale;
            this.setScale(this.scale * factor);
            this.strip.scrollLeft = time * this.scale - at;
          }
          fit() { this.setScale(this.whole); }

          follow() {
            const place = this.audio ? this.audio.currentTime * this.scale : 0, left = this.strip.scrollLeft;
            if (place < left || place > left + this.width * 0.9) this.strip.scrollLeft = place - this.width * 0.1;
            this.later();
          }
          later() {
            if (this.isDue) return;
            this.isDue = true;
            requestAnimationFrame(() => { this.isDue = false; if (this.visible) this.draw(); });
          }

          draw() {
            this.decode();
            const g = this.canvas.getContext('2d'), ratio = devicePixelRatio || 1, width = this.width;
            const style = getComputedStyle(document.body), color = (name) => style.getPropertyValue(name).trim();
            g.setTransform(ratio, 0, 0, ratio, 0, 0);
            g.clearRect(0, 0, width, height);
            const left = this.strip.scrollLeft, scale = this.scale, from = left / scale, to = (left + width) / scale;
            const x = (s) => s * scale - left;
            this.drawSpeech(g, x, from, to, color('--speech'));
            this.drawAxis(g, x, from, to, color('--soft'), color('--line'));
            this.drawWave(g, left, width, color('--wave'));
            this.drawStack(g, x, from, to);
            this.drawUtterances(g, x, from, to, color('--ink'));
            if (this.audio) {
              g.fillStyle = '#e02020';
              g.fillRect(x(this.audio.currentTime), 0, 1.5, height - axisHeight);
            }
          }
          drawSpeech(g, x, from, to, color) {
            g.fillStyle = color;
            for (let i = search(this.speech, from * 1000) & ~1; i < this.speech.length; i += 2) {
              const start = this.speech[i] / 1000, end = this.speech[i + 1] / 1000;
              if (start > to) break;
              g.fillRect(x(start), 0, (end - start) * this.scale, waveHeight);
            }
          }
          drawWave(g, left, width, color) {
            g.fillStyle = color;
            const perPixel = this.r.rate / this.scale, middle = waveHeight / 2;
            for (let i = 0; i < width; i++) {
              const first = Math.floor((left + i) * perPixel), last = Math.max(first + 1, Math.floor((left + i + 1) * perPixel));
              let peak = 0;
              for (let k = first; k < last && k < this.peaks.length; k++) if (this.peaks[k] > peak) peak = this.peaks[k];
              const h = Math.max(0.5, Math.sqrt(peak / 255) * (middle - 3));
              if (first < this.peaks.length) g.fillRect(i, middle - h, 1, 2 * h);
            }
          }
          drawStack(g, x, from, to) {
            const n = labels.length, top = waveHeight + labelHeight, list = this.r.utterances;
            for (let u = search(list, from, (e) => e.end); u < list.length && list[u].start < to; u++) {
              const first = search(this.times, list[u].start * 1000), last = search(this.times, list[u].end * 1000 + 1);
              // The visible part, and one estimate on each side of it.
              const low = Math.max(first, search(this.times, from * 1000) - 1), high = Math.min(last, search(this.times, to * 1000) + 2);
              const step = Math.max(1, Math.floor((high - low) / (2 * this.width)));
              for (let i = low; i < high; i += step) {
                const start = i === first ? Math.max(list[u].start, this.times[i] / 1000 - 0.5) : this.times[Math.max(first, i - step)] / 1000;
                const end = this.times[Math.min(i, last - 1)] / 1000;
                let y = top + stackHeight, sum = 0;
                for (let k = 0; k < n; k++) sum += this.p[i * n + k];
                for (let k = 0; k < n; k++) {
                  const h = stackHeight * this.p[i * n + k] / Math.max(1, sum);
                  g.fillStyle = colors[k % colors.length];
                  y -= h;
                  g.fillRect(x(start), y, Math.max(1, (end - start) * this.scale + 0.5), h + 0.5);
                }
              }
            }
          }
          drawUtterances(g, x, from, to, ink) {
            g.font = '12px system-ui, sans-serif';
            g.textBaseline = 'middle';
            const list = this.r.utterances, y = waveHeight;
            for (let i = search(list, from, (e) => e.end); i < list.length && list[i].start < to; i++) {
              const u = list[i], start = x(u.start), w = Math.max(1, (u.end - u.start) * this.scale - 1);
              g.fillStyle = u.label === undefined ? '#8886' : colors[u.label % colors.length];
              g.fillRect(start, y + labelHeight - 5, w, 4);
              const text = u.label === undefined ? '(' + u.why + ')' : labels[u.label] + ' ' + u.p[u.label].toFixed(2);
              const place = Math.max(2, start), room = start + w - place;
              if (g.measureText(text).width > room) continue;
              g.fillStyle = ink;
              g.fillText(text, place, y + 9);
            }
          }
          drawAxis(g, x, from, to, soft, line) {
            const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600].find((s) => s * this.scale > 70) || 7200;
            g.font = '11px system-ui, sans-serif';
            g.textBaseline = 'middle';
            for (let i = Math.floor(from / step); i * step <= to; i++) {
              g.fillStyle = line;
              g.fillRect(x(i * step), 0, 1, height - axisHeight + 4);
              g.fillStyle = soft;
              g.fillText(clock(i * step), x(i * step) + 4, height - axisHeight / 2 + 2);
            }
          }

          hover(e) {
            const time = this.time(e), list = this.r.utterances;
            const u = list[search(list, time, (x) => x.end)];
            let text = clock(time);
            if (u && u.start <= time) {
              text += '   utterance ' + u.n + ' (' + clock(u.start) + '–' + clock(u.end) + ')\n'
                + (u.label === undefined ? 'no label: ' + u.why : labels[u.label] + ' ' + u.p[u.label].toFixed(2))
                + '\nspeech ' + u.speech.toFixed(1) + ' s, level ' + u.level.toFixed(1) + ' dBFS, known voice ' + u.voice.toFixed(1) + ' s';
              const i = search(this.times, time * 1000), n = labels.length;
              if (i < this.times.length && this.times[i] <= u.end * 1000 + 1) {
                const now = labels.map((name, k) => [this.p[i * n + k] / 255, name]).sort((a, b) => b[0] - a[0]);
                text += '\n\nhere';
                for (const [p, name] of now) text += '\n' + p.toFixed(2) + '  ' + name;
              }
            } else text += '   no speech';
            tip.textContent = text;
            tip.style.display = 'block';
            const box = tip.getBoundingClientRect();
            tip.style.left = Math.max(4, Math.min(e.clientX + 14, innerWidth - box.width - 8)) + 'px';
            tip.style.top = Math.max(4, Math.min(e.clientY + 14, innerHeight - box.height - 8)) + 'px';
          }
        }

        make('h1', document.body, 'Emotion in ' + data.recordings.length + (data.recordings.length === 1 ? ' recording' : ' recordings'));
        make('p', document.body, 'Probabilities describe how a voice sounds, not what a person feels. '
          + 'Shaded: speech. Ctrl and the wheel zoom.');
        const legend = make('div', document.body);
        legend.className = 'legend';
        labels.forEach((name, k) => {
          const entry = make('span', legend, name), mark = document.createElement('i');
          mark.style.background = colors[k % colors.length];
          entry.prepend(mark);
        });
        const strips = data.recordings.map((recording) => new Strip(recording));
        dark.addEventListener('change', () => strips.forEach((strip) => strip.later()));

        """#
        .replacing("COLORS", with: "[" + LabelColors.all.map { "'" + $0 + "'" }.joined(separator: ",") + "]")
}
