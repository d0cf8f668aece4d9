// The peers' relative speeds as a picture: a row for every work, a column for every peer. Must not know how they were
// measured.
import { HeatmapChart } from "echarts/charts";
import { GridComponent, TitleComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { withStableNames } from "../../examples/support/chart.js";
import { formatTime } from "../report.js";
import { formatSpeed, type Summary } from "./summary.js";

use([HeatmapChart, GridComponent, TitleComponent, VisualMapComponent, SVGRenderer]);

const INK = "#1f2328";
const FAINT = "#656d76";
const WRONG = "#d0d7de";
/** Blue where simdgrad is faster, orange where the peer is: told apart by the colour-blind, too. */
const COLOURS = ["#2166ac", "#67a9cf", "#d1e5f0", "#f7f7f7", "#fddbc7", "#ef8a62", "#b2512a"];

/** Speeds from 1/16 to 16 have colours of their own. */
const DOUBLINGS = 4;
/** Beyond the scale, for the colour of what is not on it. */
const OFF_SCALE = 2 * DOUBLINGS;
/** Beyond these the colour is dark and the text white: orange stays light for longer. */
const DARK = { slower: -0.62 * DOUBLINGS, faster: 0.85 * DOUBLINGS };

const CELL = { width: 82, height: 26 };
const MARGIN = { left: 330, right: 20, top: 112, bottom: 64 };

interface Cell {
  readonly value: readonly [column: number, row: number, doublings: number];
  readonly label: { readonly formatter: string; readonly color: string; readonly fontWeight?: number };
}

/**
 * @param subtitle machine and date
 * @returns a complete SVG document; equal input gives equal text
 */
export function speedChart({ peers, works }: Summary, subtitle: string): string {
  const columns = ["simdgrad", ...peers];
  const cells = works.flatMap(({ time, relative }, row): Cell[] => [
    { value: [0, row, 0], label: { formatter: formatTime(time.median), color: INK, fontWeight: 600 } },
    ...peers.flatMap((peer, i): Cell[] => {
      const entry = relative[peer];
      if (entry === undefined) return [];
      const { speed, wrong } = entry;
      if (speed === undefined) return [{ value: [i + 1, row, OFF_SCALE], label: { formatter: "wrong", color: INK } }];
      const doublings = Math.min(Math.max(Math.log2(speed), -DOUBLINGS), DOUBLINGS);
      const color = doublings < DARK.slower || doublings > DARK.faster ? "#ffffff" : INK;
      const mark = wrong.length > 0 ? " *" : "";
      return [{ value: [i + 1, row, doublings], label: { formatter: `${formatSpeed(speed)}${mark}`, color } }];
    }),
  ]);
  const anyWrong = works.some(({ relative }) => peers.some((peer) => relative[peer]?.wrong.length));
  const note = `empty: no such operation or dtype${anyWrong ? "; *: another form of it gives wrong results" : ""}`;
  const width = MARGIN.left + columns.length * CELL.width + MARGIN.right;
  const height = MARGIN.top + works.length * CELL.height + MARGIN.bottom;
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  const axis = { axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false } };
  try {
    chart.setOption({
      animation: false,
      backgroundColor: "#ffffff",
      title: [
        {
          text: "Speed beside simdgrad's, one thread each",
          subtext: subtitle,
          left: 24,
          top: 16,
          textStyle: { color: INK, fontSize: 18 },
          subtextStyle: { color: FAINT, fontSize: 12 },
        },
        { text: note, left: 24, bottom: 26, textStyle: { color: FAINT, fontSize: 12, fontWeight: "normal" } },
      ],
      grid: MARGIN,
      xAxis: {
        ...axis,
        type: "category",
        position: "top",
        data: columns,
        axisLabel: { color: INK, fontSize: 13, fontWeight: 600, interval: 0 },
      },
      yAxis: {
        ...axis,
        type: "category",
        inverse: true,
        data: works.map(({ title }) => title),
        axisLabel: { color: INK, fontSize: 12, interval: 0 },
      },
      visualMap: {
        type: "continuous",
        min: -DOUBLINGS,
        max: DOUBLINGS,
        calculable: false,
        orient: "horizontal",
        right: MARGIN.right,
        bottom: 16,
        itemWidth: 12,
        itemHeight: 240,
        text: ["peer 16 times as fast", "a 16th of simdgrad's speed"],
        textStyle: { color: FAINT, fontSize: 12 },
        inRange: { color: COLOURS },
        outOfRange: { color: WRONG },
      },
      series: [
        {
          type: "heatmap",
          data: cells,
          label: { show: true, fontSize: 12 },
          itemStyle: { borderColor: "#ffffff", borderWidth: 2 },
          silent: true,
        },
      ],
    });
    return withStableNames(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}
