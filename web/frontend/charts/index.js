import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import * as echarts from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import './charts.css';

echarts.use([BarChart, LineChart, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const SHAPES = { days: daysOf, items: itemsOf, scores: scoresOf, phases: phasesOf };

/** The page's own colours, so that light and dark both read well. */
function colours() {
  const style = getComputedStyle(document.documentElement);
  const named = (name) => style.getPropertyValue(name).trim();
  return {
    text: named('--tblr-body-color'),
    lines: named('--tblr-border-color'),
    paper: named('--tblr-bg-surface'),
    fonts: getComputedStyle(document.body).fontFamily,
    palette: ['--tblr-primary', '--tblr-green', '--tblr-orange', '--tblr-purple', '--tblr-cyan'].map(named),
  };
}

function base(words) {
  const { text, lines, paper, fonts, palette } = colours();
  return {
    aria: { enabled: true },
    color: palette,
    textStyle: { color: text, fontFamily: fonts },
    grid: { left: 8, right: 12, top: 48, bottom: 8, containLabel: true },
    legend: { top: 0, textStyle: { color: text }, data: words },
    tooltip: { trigger: 'axis', confine: true, backgroundColor: paper, borderColor: lines, textStyle: { color: text } },
    axis: { axisLabel: { color: text }, splitLine: { lineStyle: { color: lines } } },
  };
}

function framed(words, names, values, series) {
  const { axis, ...rest } = base(words);
  return {
    ...rest,
    xAxis: { type: 'category', data: names, ...axis, axisLabel: { ...axis.axisLabel, hideOverlap: true } },
    yAxis: values.map((options) => ({ type: 'value', ...axis, ...options })),
    series,
  };
}

function daysOf(rows, [opened, closed]) {
  const line = (name, place) => ({
    name,
    type: 'line',
    areaStyle: { opacity: 0.12 },
    data: rows.map((row) => row[place]),
  });
  const names = rows.map((row) => row[0]);
  return framed([opened, closed], names, [{ minInterval: 1 }], [line(opened, 1), line(closed, 2)]);
}

/** Names are long: they lean, and what does not fit is in the tooltip. */
const LEANING = { rotate: 35, interval: 0, width: 110, overflow: 'truncate', hideOverlap: false };

function leaning(drawn) {
  Object.assign(drawn.xAxis.axisLabel, LEANING);
  return drawn;
}

function itemsOf(rows, [number, share]) {
  return leaning(
    framed(
      [number, share],
      rows.map((row) => row[0]),
      [{ minInterval: 1 }, { max: 100, splitLine: { show: false } }],
      [
        { name: number, type: 'bar', data: rows.map((row) => row[1]) },
        { name: share, type: 'line', yAxisIndex: 1, data: rows.map((row) => row[2]) },
      ],
    ),
  );
}

function scoresOf(schemes) {
  const names = Object.keys(schemes);
  const periods = [...new Set(Object.values(schemes).flatMap((rows) => rows.map((row) => row[0])))].sort();
  const series = names.map((name) => {
    const known = Object.fromEntries(schemes[name]);
    return { name, type: 'line', connectNulls: true, data: periods.map((period) => known[period] ?? null) };
  });
  return framed(names, periods, [{ scale: periods.length > 1 }], series);
}

function phasesOf(rows, [planned, done]) {
  const bar = (name, place) => ({ name, type: 'bar', data: rows.map((row) => row[place]) });
  const names = rows.map((row) => row[0]);
  return leaning(framed([planned, done], names, [{ max: 100 }], [bar(planned, 1), bar(done, 2)]));
}

for (const place of document.querySelectorAll('[data-chart]')) {
  const draw = SHAPES[place.dataset.chart];
  const rows = JSON.parse(place.dataset.rows);
  const words = JSON.parse(place.dataset.words || '[]');
  const chart = echarts.init(place, null, { renderer: 'svg' });
  chart.setOption(draw(rows, words));
  new ResizeObserver(() => chart.resize()).observe(place);
  new MutationObserver(() => chart.setOption(draw(rows, words), true)).observe(document.documentElement, {
    attributes: true,
    attributeFilter: ['data-bs-theme'],
  });
}
