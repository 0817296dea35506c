// Which room may import which: the table of docs/architecture.md as a rule that a machine checks.
const rooms = {
  core: [],
  twin: ['core'],
  models: ['core'],
  alerts: ['core'],
  storage: ['core'],
  connect: ['core'],
  monitor: ['core', 'twin', 'models', 'alerts', 'storage'],
  cluster: ['core', 'storage', 'monitor'],
  react: ['core', 'monitor'],
};

/** Rooms that run unchanged in a browser: no Node built-in there (tests and workers for Node excepted). */
const portable = '^src/(core|twin|models|alerts|monitor|react|storage/(memory|contract|sql|testing)|index)';

module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports-one-way`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
    })),
    {
      name: 'portable-rooms-use-no-node-builtin',
      severity: 'error',
      from: { path: portable, pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: { path: '^src' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$' },
      to: { path: '\\.test\\.ts$' },
    },
    {
      name: 'examples-use-the-public-api',
      severity: 'error',
      from: { path: '^examples' },
      to: { path: '^src' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
