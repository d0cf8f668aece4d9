// A table's results as bars. Must not know how they were measured, nor the page around them.
import { BarChart } from "echarts/charts";
import { GridComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import type { Precision, Row, TableResult } from "../harness.js";
import { formatRange, formatTime, significant } from "../report.js";

use([BarChart, GridComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export const PRECISIONS = ["float32", "float64"] as const satisfies readonly Precision[];

const BAR = 15;
const GAP = 14;
const MARGIN = { left: 260, right: 180, top: 24, bottom: 28 };

/** What the style sheet calls by this name. */
const styled = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`);

/** A bar is as long as its rate or, where the table has none, as calls per second. */
const lengthOf = ({ rate, time }: Row): number => rate ?? (time === undefined ? 0 : 1e3 / time.median);

function labelOf({ time, rate, problem, missing }: Row, unit: string): string {
  if (time === undefined) return problem ?? missing ?? "not timed";
  return rate === undefined ? formatTime(time.median) : `${formatTime(time.median)}  ·  ${significant(rate)} ${unit}`;
}

function tooltipOf({ name, precision, time, speedup, ofCeiling }: Row): string {
  const lines = [`<b>${name}</b>, ${precision}`];
  if (time) lines.push(`quartiles ${formatRange(time.lowerQuartile, time.upperQuartile)}`);
  if (speedup !== undefined) lines.push(`${significant(speedup)} times as fast as the first`);
  if (ofCeiling !== undefined) lines.push(`${ofCeiling.toFixed(2)} of the ceiling`);
  return lines.join("<br>");
}

/** Draws into an element of the page, which it gives the height that it needs. */
export function drawChart(element: HTMLElement, { rows, unit }: TableResult): void {
  // Ceilings are lines across, unless they are what the table is about.
  const hasOthers = rows.some(({ ceiling }) => !ceiling);
  const bars = rows.filter(({ ceiling }) => !(hasOthers && ceiling));
  const lines = rows.filter(({ ceiling, ofCeiling }) => hasOthers && ceiling && ofCeiling === 1);
  const names = [...new Set(bars.map(({ name }) => name))];
  const precisions = PRECISIONS.filter((precision) => bars.some((row) => row.precision === precision));
  element.style.height = `${MARGIN.top + MARGIN.bottom + names.length * (precisions.length * BAR + GAP)}px`;

  const [ink, faint, line] = [styled("ink"), styled("faint"), styled("line")];
  const chart = init(element, null, { renderer: "svg" });
  chart.setOption({
    animation: false,
    textStyle: { color: ink, fontFamily: styled("font") },
    grid: MARGIN,
    tooltip: { formatter: ({ data }: { data: { row: Row } }) => tooltipOf(data.row), textStyle: { fontSize: 12 } },
    xAxis: {
      type: "value",
      max: ({ max }: { max: number }) => Math.max(max, ...lines.map(lengthOf)) * 1.02,
      axisLabel: { color: faint, fontSize: 11, showMaxLabel: false },
      splitLine: { lineStyle: { color: line } },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: names,
      axisLine: { lineStyle: { color: line } },
      axisTick: { show: false },
      axisLabel: { color: ink, fontSize: 12, interval: 0, width: MARGIN.left - 20, overflow: "truncate" },
    },
    series: precisions.map((precision) => ({
      type: "bar",
      name: precision,
      barWidth: BAR - 2,
      barGap: "15%",
      itemStyle: { color: styled(precision), borderRadius: [0, 3, 3, 0] },
      emphasis: { disabled: true },
      label: {
        show: true,
        position: "right",
        color: ink,
        fontSize: 11,
        textBorderColor: styled("card"),
        textBorderWidth: 3,
        formatter: ({ data }: { data: { row: Row } }) => labelOf(data.row, unit),
      },
      data: names.map((name) => {
        const row = bars.find((one) => one.name === name && one.precision === precision);
        return row === undefined ? "-" : { value: lengthOf(row), row };
      }),
      markLine: {
        silent: true,
        // Behind bars and labels.
        z: 1,
        symbol: "none",
        lineStyle: { color: styled(precision), type: "dashed", width: 1.5 },
        // Above the bars, to either side of the line: ceilings of both dtypes may be the same.
        label: {
          position: "start",
          align: precision === "float32" ? "left" : "right",
          padding: [0, 4],
          color: styled(precision),
          fontSize: 11,
          formatter: ({ value }: { value: number }) => significant(value),
        },
        data: lines.filter((row) => row.precision === precision).map((row) => ({ xAxis: lengthOf(row) })),
      },
    })),
  });
  new ResizeObserver(() => chart.resize()).observe(element);
}
