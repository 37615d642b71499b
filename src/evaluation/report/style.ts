import { PLOTTED } from './text.ts';

/** Okabe & Ito's colours, darker on white and lighter on black where contrast asks for it. */
export const LIGHT = [
  '#0072b2',
  '#d55e00',
  '#00805b',
  '#a9488a',
  '#8a6d00',
  '#3b8ec2',
  '#555555',
  '#b3203a',
];
export const DARK = ['#56b4e9', '#f08a3c', '#2fc79b', '#e29cc6', '#f0e442', '#8fc9f0', '#b0b0b0', '#ff7b93']; // prettier-ignore
/** Scan types beyond this many share colours. */
export const PALETTE_SIZE = LIGHT.length;

function palette(colours: readonly string[]): string {
  return colours.map((colour, index) => `--c${index}:${colour};`).join('');
}

export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1a1c1f;--soft:#5b6168;--line:#dfe3e8;--faint:#f4f6f8;--accent:#0b5cad;--warn:#8a4b00;--warn-bg:#fff4e0;${palette(LIGHT)}}
@media (prefers-color-scheme:dark){:root{--bg:#14171a;--fg:#e8eaed;--soft:#a2a9b1;--line:#343a41;--faint:#1d2125;--accent:#7ab8ff;--warn:#ffca80;--warn-bg:#33260f;${palette(DARK)}}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1320px;margin:0 auto;padding:1.5rem 1rem 4rem}
h1{font-size:1.6rem;line-height:1.2;margin:.2rem 0}
h2{font-size:1.2rem;margin:2.2rem 0 .4rem}
p{margin:.3rem 0}.hint,.lead,.caption span{color:var(--soft)}.hint{font-size:.87rem}
.notice{border-left:4px solid var(--warn);background:var(--warn-bg);padding:.6rem .9rem;margin:.8rem 0;border-radius:0 6px 6px 0}
.notice h3{margin:0;font-size:1rem;color:var(--warn)}.notice ul,details ul{margin:.3rem 0;padding-left:1.2rem;overflow-wrap:anywhere}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--accent)}
code{font-size:.9em;overflow-wrap:anywhere}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;list-style:none;margin:.6rem 0;padding:0}
.swatch{display:inline-block;width:1.5em;height:.75em;border-radius:2px;margin-right:.4em;border:1.5px solid currentColor}
${Array.from({ length: PALETTE_SIZE }, (_, i) => `.c${i}{--c:var(--c${i})}`).join('')}
.swatch{border-color:var(--c);background:color-mix(in srgb,var(--c) 35%,transparent)}
.tabs{display:flex;flex-wrap:wrap;gap:.4rem;margin-top:.6rem}
.tabs>input{position:absolute;opacity:0}
.tabs>label{padding:.3rem .8rem;border:1px solid var(--line);border-radius:999px;cursor:pointer}
.tabs>input:checked+label{background:var(--accent);border-color:var(--accent);color:var(--bg)}
.tabs>input:focus-visible+label{outline:2px solid var(--accent);outline-offset:2px}
.panel{display:none;order:9;flex:0 0 100%;min-width:0}
${PLOTTED.map((m) => `#m-${m}:checked~.p-${m}`).join(',')}{display:block}
.plot{margin-top:.3rem}
.row{display:grid;grid-template-columns:13.5rem minmax(0,1fr);align-items:center;column-gap:.8rem}
.row:nth-child(even){background:var(--faint)}
.row .name{text-align:right;font-size:.86rem;line-height:1.15}
.row svg{display:block;overflow:visible}
.row.axis{background:none}.row.axis text{font-size:11px;fill:var(--soft);font-variant-numeric:tabular-nums}
.grid{stroke:var(--line)}.grid.zero{stroke:var(--soft)}
.box line{stroke:var(--c);stroke-width:1.3}.box .median{stroke-width:2.6}
.box rect{stroke:var(--c);stroke-width:1.3;fill:color-mix(in srgb,var(--c) 30%,transparent)}
.box circle{fill:none;stroke:var(--c)}.box .beyond{fill:var(--c);font-size:9px}
.box:hover rect{fill:color-mix(in srgb,var(--c) 60%,transparent)}
.filter{display:block;margin:.6rem 0 .3rem;font-size:.9rem;color:var(--soft)}
.filter input{font:inherit;padding:.25rem .5rem;border:1px solid var(--line);border-radius:6px;background:var(--bg);color:var(--fg);max-width:100%}
.scroll{overflow:auto;max-height:34rem;border:1px solid var(--line);border-radius:8px}
.scroll:focus-visible{outline:2px solid var(--accent)}
table{border-collapse:collapse;width:100%;font-size:.87rem;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.5rem .7rem;color:var(--soft)}
th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;font-weight:normal}
thead th{position:sticky;top:0;background:var(--faint);font-weight:600;white-space:normal;vertical-align:bottom;z-index:2}
tbody th,.text,thead th:first-child{text-align:left}
tbody th{position:sticky;left:0;background:var(--bg);z-index:1}
tbody tr:hover td,tbody tr:hover th{background:var(--faint)}
tbody tr:last-child>*{border-bottom:0}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
th button:focus-visible{outline:2px solid var(--accent)}
th span::after{content:"";padding-left:.3em}th[aria-sort=ascending] span::after{content:"▲"}th[aria-sort=descending] span::after{content:"▼"}
dl{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:.2rem 1rem;margin:.5rem 0;font-size:.92rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
footer{margin-top:2.5rem;color:var(--soft);font-size:.87rem}
@media (max-width:640px){.row{grid-template-columns:minmax(0,1fr);padding:.15rem 0}.row .name{text-align:left}dl{grid-template-columns:1fr}dt{margin-top:.3rem}tbody th,td.text{white-space:normal;min-width:7rem}th,td{padding:.3rem .45rem}}
@media print{.scroll{max-height:none;overflow:visible}.filter{display:none}tbody th,thead th{position:static}}
`; // prettier-ignore
