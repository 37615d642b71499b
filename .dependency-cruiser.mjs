/** Which rooms each room may use (design §3). Types of the path live in `contracts`, which all may use. */
const MAY_USE = {
  contracts: [],
  config: [],
  archive: ['config'],
  download: [],
  threads: [],
  sequences: [],
  routing: [],
  imaging: ['threads'],
  segmentation: ['imaging'],
  findings: ['imaging'],
  evaluation: ['imaging'],
  'evaluate-folders': ['config', 'imaging', 'evaluation', 'results', 'threads'],
  results: ['imaging', 'findings'],
  // What Situs reads and writes, told from the code that does it.
  conformance: ['archive', 'config', 'imaging', 'findings', 'results'],
  records: [],
  replay: ['records', 'routing', 'sequences', 'threads'],
  telemetry: [],
  intake: ['archive', 'records'],
  jobs: [
    'config',
    'archive',
    'intake',
    'sequences',
    'routing',
    'imaging',
    'segmentation',
    'findings',
    'results',
    'records',
    'telemetry',
  ],
  api: ['records', 'routing', 'jobs', 'telemetry'],
  // Types of the answers only: the page talks to the API over HTTP.
  web: ['api'],
};
const PURE = ['sequences', 'routing', 'imaging', 'findings', 'evaluation', 'results'];

const boundaries = Object.entries(MAY_USE).map(([room, allowed]) => ({
  name: `room-${room}`,
  comment: `src/${room} may use ${['contracts', ...allowed].join(', ')} and nothing else of ours`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${['contracts', room, ...allowed].join('|')})/` },
}));

const doors = Object.keys({ ...MAY_USE, demo: [] }).map((room) => ({
  name: `door-${room}`,
  comment: `others enter src/${room} through its index.ts`,
  severity: 'error',
  from: { path: '^(src|test/e2e)/', pathNot: `^src/${room}/` },
  to: { path: `^src/${room}/`, pathNot: `^src/${room}/index\\.tsx?$` },
}));

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'pure-rooms',
      comment: 'pure rooms do no I/O and know neither the database, the web server nor the archive',
      severity: 'error',
      from: { path: `^src/(${PURE.join('|')})/` },
      to: {
        path: '(@prisma|express|dicomweb-client|pg-boss|node_modules/pg/|^fs$|^node:fs|^http|^node:http)',
      },
    },
    ...boundaries,
    ...doors,
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/(records/generated|web/dist)' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js'] },
  },
};
