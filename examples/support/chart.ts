// Draws the cost over the iterations, as SVG. Knows nothing of files or training.

import { LineChart } from "echarts/charts";
import { GridComponent, TitleComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([LineChart, GridComponent, TitleComponent, SVGRenderer]);

const INK = "#222222";
const GRID = "#e4e4e4";
const LINE = "#1f5fa8";

/** A larger ratio of highest to lowest cost is drawn on a logarithmic axis. */
const LARGE_RANGE = 20;

/**
 * A line chart of the cost, dark on white; equal input gives equal text.
 *
 * @param history the cost at iteration 0, 1, 2, ...; values that are not finite leave a gap
 * @returns a complete SVG document of 720 x 420
 * @throws {RangeError} if no value is finite
 */
export function costChart(history: readonly number[], { title }: { readonly title: string }): string {
  const finite = history.filter(Number.isFinite);
  if (finite.length === 0) throw new RangeError("costChart: no finite cost to draw");
  const lowest = finite.reduce((a, b) => Math.min(a, b));
  const highest = finite.reduce((a, b) => Math.max(a, b));
  const logarithmic = lowest > 0 && highest / lowest > LARGE_RANGE;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 720, height: 420 });
  const axis = {
    nameTextStyle: { color: INK, fontSize: 13 },
    axisLabel: { color: INK },
    axisLine: { show: true, lineStyle: { color: INK } },
    splitLine: { show: true, lineStyle: { color: GRID } },
    nameLocation: "middle" as const,
  };
  try {
    chart.setOption({
      animation: false,
      backgroundColor: "#ffffff",
      title: { text: title, left: "center", top: 12, textStyle: { color: INK, fontSize: 16 } },
      grid: { left: 76, right: 28, top: 56, bottom: 58 },
      xAxis: { ...axis, type: "value", name: "iteration", nameGap: 30, max: Math.max(1, history.length - 1) },
      yAxis: {
        ...axis,
        type: logarithmic ? "log" : "value",
        name: logarithmic ? "cost (logarithmic)" : "cost",
        nameGap: 48,
        // Not from 0, so that the last few percent show.
        scale: true,
        minorSplitLine: { show: logarithmic, lineStyle: { color: "#f3f3f3" } },
      },
      series: [
        {
          type: "line",
          // A single value has no line: it is drawn as a dot.
          showSymbol: history.length === 1,
          data: history.map((cost, iteration) => [iteration, Number.isFinite(cost) ? cost : "-"]),
          lineStyle: { color: LINE, width: 2 },
          itemStyle: { color: LINE },
          silent: true,
        },
      ],
    });
    return withStableNames(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}

/** echarts numbers its classes and ids through all charts of the process; here they are numbered within the one. */
export function withStableNames(svg: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\bzr\d+-[a-z]+-?\d+/g, (name) => {
    const stable = names.get(name) ?? `n${names.size}`;
    names.set(name, stable);
    return stable;
  });
}
