// The chart of the rates. It is drawn from the table below it, so that both say the same; without this module the table is there alone.

const table = document.getElementById("so-lieu");
const place = document.querySelector("[data-chart=rates]");

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

// A preset says the days itself: choosing days is choosing the period of one's own.
const period = document.getElementById("ky");
const other = document.getElementById("so-voi");
for (const [ids, of] of [[["tu", "den"], period], [["so-tu", "so-den"], other]]) {
  for (const id of ids) document.getElementById(id)?.addEventListener("input", () => { of.value = "tuy-chon"; });
}

const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const value = (text) => (text === "" || text === undefined ? null : Number(text));

if (table && place && window.uPlot) {
  const rows = [...table.tBodies[0].rows];
  const labels = rows.map((r) => r.dataset.short);
  const portal = rows.map((r) => value(r.dataset.portal));
  const honest = rows.map((r) => value(r.dataset.honest));
  const was = rows.map((r) => value(r.dataset.was));
  const goal = table.dataset.goal === "" ? null : Number(table.dataset.goal) / 100;
  place.hidden = false;
  draw(place.querySelector(".rates-drawing"), labels, portal, honest, was, goal);
  points(rows);
}

function draw(drawing, labels, portal, honest, was, goal) {
  const xs = labels.map((_, i) => i);
  const line = table.dataset.line === "true" && labels.length > 1;
  const bars = (align) => window.uPlot.paths.bars({ size: [0.4, 40], align, gap: 1 });
  const series = (label, stroke, fill, align, dash) => line
    ? { label, stroke, width: 2, dash, points: { show: labels.length < 60, size: 8 } }
    : { label, stroke, fill, width: 1, paths: bars(align), points: { show: false } };
  const axis = { stroke: color("--ink"), grid: { stroke: color("--line") }, ticks: { stroke: color("--line") }, font: "13px " + getComputedStyle(document.body).fontFamily };
  const plot = new window.uPlot({
    width: drawing.clientWidth, height: 300,
    legend: { show: false }, cursor: { show: true, y: false, drag: { x: false, y: false }, points: { show: line } },
    scales: { x: { time: false, range: [-0.6, Math.max(labels.length - 0.4, 0.6)] }, y: { range: [0, 100] } },
    axes: [
      { ...axis, space: 70, splits: (u, _, min, max) => ticks(min, max, labels.length, u.width), values: (_, at) => at.map((i) => labels[i] ?? "") },
      { ...axis, values: (_, at) => at.map((v) => `${v} %`), size: 60 },
    ],
    series: [
      {},
      series("Theo Cổng", color("--accent"), color("--accent"), -1),
      series("Thực chất", color("--good"), color("--good-soft"), 1, [8, 5]),
      // The other period: a thin line, or beside bars a mark at each.
      {
        label: "Kỳ so sánh", stroke: color("--edge"), width: 1.5, dash: [2, 3], paths: line ? undefined : () => null,
        points: { show: true, size: line ? 5 : 10, fill: color("--paper"), stroke: color("--edge"), width: 2 },
      },
    ],
    hooks: { draw: [(u) => goalLine(u, goal)] },
  }, [xs, portal, honest, was], drawing);
  drawing.plot = plot;
  new ResizeObserver(() => plot.setSize({ width: drawing.clientWidth, height: 300 })).observe(drawing);
}

// ticks are as many whole numbers as there is room for.
function ticks(min, max, count, width) {
  const step = Math.max(1, Math.ceil(count / Math.max(1, Math.floor(width / 90))));
  const all = [];
  for (let i = 0; i < count; i += step) if (i >= min && i <= max) all.push(i);
  return all;
}

function goalLine(u, goal) {
  if (goal === null) return;
  const y = Math.round(u.valToPos(goal, "y", true));
  const pen = u.ctx;
  pen.save();
  pen.strokeStyle = color("--bad");
  pen.lineWidth = 2;
  pen.setLineDash([3, 4]);
  pen.beginPath();
  pen.moveTo(u.bbox.left, y);
  pen.lineTo(u.bbox.left + u.bbox.width, y);
  pen.stroke();
  pen.restore();
}

// points lets a slider, and so the keyboard, go from point to point.
function points(rows) {
  const slider = document.getElementById("diem");
  const said = place.querySelector(".rates-point");
  const plot = place.querySelector(".rates-drawing").plot;
  slider.max = String(Math.max(0, rows.length - 1));
  const tell = (row) => {
    const cells = [...row.cells].map((c) => c.textContent);
    const than = cells[8] && cells[8] !== "–" ? `; kỳ so sánh ${cells[8]}, ${cells[9]}` : "";
    return `${cells[0]}: theo Cổng ${cells[4]} (${cells[2]} trên ${cells[1]} hồ sơ), thực chất ${cells[7]}${than}`;
  };
  const show = () => {
    const i = Number(slider.value);
    const text = tell(rows[i]);
    said.textContent = text;
    slider.setAttribute("aria-valuetext", text);
    plot.setCursor({ left: plot.valToPos(i, "x"), top: 10 }, false);
  };
  slider.addEventListener("input", show);
  plot.over.addEventListener("mousemove", () => {
    if (plot.cursor.idx === null || plot.cursor.idx === undefined) return;
    slider.value = String(plot.cursor.idx);
    said.textContent = tell(rows[plot.cursor.idx]);
  });
  slider.value = slider.max;
  show();
}
