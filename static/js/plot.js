// Exploring charts. plotly.js is large, so it loads only where a chart is; colours and fonts are read from the tokens.
const plots = () => document.querySelectorAll("[data-plot]");
const SERIES = ["--accent", "--good", "--warn", "--bad", "--muted"];
let library = null;

const load = (src) => {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
};

// A token may be light-dark(…): a probe element's computed colour is the one in force.
const probe = document.createElement("i");
probe.hidden = true;
document.body.append(probe);
const colour = (token) => {
  probe.style.color = `var(${token})`;
  return getComputedStyle(probe).color;
};

const template = () => {
  const body = getComputedStyle(document.body);
  const axis = { gridcolor: colour("--line"), linecolor: colour("--line-strong"), zerolinecolor: colour("--line-strong"), automargin: true };
  return {
    layout: {
      colorway: SERIES.map(colour),
      font: { family: body.fontFamily, size: 12, color: colour("--muted") },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { t: 8, r: 8, b: 32, l: 40 },
      hovermode: "x unified",
      hoverlabel: { bgcolor: colour("--raised"), bordercolor: colour("--line-strong"), font: { color: colour("--text") } },
      legend: { orientation: "h", y: 1.02, yanchor: "bottom", x: 0 },
      xaxis: axis,
      yaxis: axis,
    },
  };
};

// A few days get one tick each: halves of a day would repeat its name.
const daily = (data) => {
  const times = data.flatMap(({ x = [] }) => [x[0], x.at(-1)]).map(Date.parse);
  return Math.max(...times) - Math.min(...times) < 8 * 864e5 ? { dtick: 864e5 } : {};
};

const draw = async (figure) => {
  const canvas = figure.querySelector(".canvas");
  try {
    const Plotly = await load(figure.dataset.src);
    const { data, layout = {} } = JSON.parse(figure.dataset.plot, (key, value) => (key === "color" && value.startsWith?.("--") ? colour(value) : value));
    if (figure.dataset.locale === "zh") Plotly.register({ moduleType: "locale", name: "zh", dictionary: {}, format: ZH });
    const dated = /^\d{4}-\d\d-\d\d/.test(data[0]?.x?.[0]);
    const xaxis = dated ? { ...daily(data), tickformat: figure.dataset.locale === "zh" ? "%-m月%-d日\n%Y年" : "%-d %b\n%Y", ...layout.xaxis } : (layout.xaxis ?? {});
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    await Plotly.react(canvas, data, { autosize: true, ...layout, xaxis, template: template(), transition: still ? { duration: 0 } : undefined }, { responsive: true, displaylogo: false, displayModeBar: false, locale: figure.dataset.locale });
  } catch (error) {
    canvas.textContent = figure.dataset.failed;
    console.error(error);
  }
};

const numbers = [...Array(12).keys()].map((i) => `${i + 1}月`);
const week = [..."日一二三四五六"];
const ZH = { days: week.map((d) => `星期${d}`), shortDays: week.map((d) => `周${d}`), months: numbers, shortMonths: numbers, date: "%Y-%m-%d" };

const drawAll = () => plots().forEach(draw);
document.addEventListener("theme-changed", drawAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
document.addEventListener("htmx:load", ({ detail: { elt } }) => elt !== document.body && elt.querySelectorAll("[data-plot]").forEach(draw));
drawAll();
