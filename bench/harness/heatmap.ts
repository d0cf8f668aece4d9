// A table of numbers whose cells are coloured, as SVG. Must not know what the numbers are.

interface Cell {
  readonly text: string;
  /** Of how many doublings it is a matter: 0 is white. Left out: grey. */
  readonly doublings?: number;
}

export interface Heatmap {
  readonly title: string;
  readonly subtitle: string;
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly title: string; readonly cells: readonly (Cell | undefined)[] }[];
}

/** From -4 doublings to 4. Blue and orange are told apart by the colour-blind, too. */
const COLOURS = ["#2166ac", "#4488bd", "#67a9cf", "#9cbddb", "#f7f7f7", "#fcc9a9", "#ef8a62", "#d06e46", "#b2512a"];
const WRONG = "#d0d7de";
const CELL = { width: 82, height: 26 };
const MARGIN = { left: 330, right: 20, top: 112, bottom: 44 };

const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** Equal input gives equal text. */
export function heatmap({ title, subtitle, note, columns, rows }: Heatmap): string {
  const width = MARGIN.left + columns.length * CELL.width + MARGIN.right;
  const height = MARGIN.top + rows.length * CELL.height + MARGIN.bottom;
  const text = (x: number, y: number, content: string, attributes = ""): string =>
    `<text x="${x}" y="${y}"${attributes}>${escaped(content)}</text>`;
  const centre = (column: number): number => MARGIN.left + (column + 0.5) * CELL.width;
  const cellAt = (cell: Cell | undefined, column: number, y: number): string[] => {
    if (cell === undefined) return [];
    const step = cell.doublings === undefined ? undefined : Math.round(Math.min(Math.max(cell.doublings, -4), 4)) + 4;
    const ink = step === 0 || step === 1 || step === 8 ? "#ffffff" : "#1f2328";
    const [x, fill] = [MARGIN.left + column * CELL.width + 1, step === undefined ? WRONG : COLOURS[step]];
    const box = `<rect x="${x}" y="${y + 1}" width="${CELL.width - 2}" height="${CELL.height - 2}" fill="${fill}"/>`;
    return [box, text(centre(column), y + 17, cell.text, ` text-anchor="middle" fill="${ink}"`)];
  };
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="sans-serif" font-size="12" fill="#1f2328">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(24, 34, title, ' font-size="18" font-weight="bold"'),
    text(24, 56, subtitle, ' fill="#656d76"'),
    ...columns.map((name, i) => text(centre(i), MARGIN.top - 10, name, ' text-anchor="middle" font-weight="bold"')),
    ...rows.flatMap(({ title, cells }, row) => {
      const y = MARGIN.top + row * CELL.height;
      return [
        text(MARGIN.left - 10, y + 17, title, ' text-anchor="end"'),
        ...cells.flatMap((cell, column) => cellAt(cell, column, y)),
      ];
    }),
    text(24, height - 18, note, ' fill="#656d76"'),
    "</svg>\n",
  ];
  return lines.join("\n");
}
