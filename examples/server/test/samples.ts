import { examplePlant } from 'twinergy';

/** Ids of things that the tests make beforehand. */
export interface SampleIds {
  readonly alert: string;
  readonly task: string;
  readonly channel: string;
  readonly user: string;
  readonly key: string;
}

/** A good call of each operation: path parameters, query and body. What is not listed needs none. */
export function samples(
  ids: SampleIds,
): Readonly<Record<string, { params?: Record<string, string>; query?: string; body?: unknown; status?: number }>> {
  const asset = { params: { asset_id: 'solar-1' } };
  const alert = { params: { alert_id: ids.alert } };
  const rule = {
    id: 'too-hot',
    title: 'Too hot',
    when: { type: 'threshold', channel: 'temperature', direction: 'above', limits: { HIGH: 60 } },
  };
  const due = '2027-01-01T08:00:00Z';
  const reading = { asset_id: 'solar-1', time: Date.now(), values: { solar_power: 1200, temperature: 20 } };
  return {
    getModelCard: { params: { name: 'prior:none' }, status: 404 },
    getSummary: { query: 'since=2026-01-01T00:00:00Z' },
    createAsset: {
      body: { plant: { ...examplePlant('home', 'sample'), name: 'Sample' }, labels: { region: 'south' } },
    },
    getAsset: asset,
    updateAsset: { ...asset, body: { plant: examplePlant('home', 'solar-1'), simulated: true } },
    trainAsset: asset,
    deleteAsset: { params: { asset_id: 'sample' } },
    getPlant: asset,
    getLatest: asset,
    listLatest: { query: 'asset_id=solar-1' },
    listTelemetry: { ...asset, query: 'limit=3&channels=solar_power' },
    getSeries: { ...asset, query: 'channels=solar_power,temperature&width=50&expected=true' },
    getRollup: { ...asset, query: 'step=1h' },
    exportTelemetry: { ...asset, query: 'format=csv' },
    ingest: { body: [reading] },
    influxWrite: { body: `plant,asset_id=solar-1 solar_power=1200 ${Date.now() - 1000}000000` },
    listAnomalies: { query: 'asset_id=solar-1' },
    judgeReading: { body: { asset_id: 'solar-1', values: { solar_power: 5, poa_global: 800, air_temperature: 20 } } },
    getForecast: asset,
    getRemainingLife: asset,
    getHealth: asset,
    getLosses: asset,
    getDiagnosis: asset,
    listAlerts: { query: 'asset_id=solar-1&status=open' },
    getAlert: alert,
    actOnAlert: { ...alert, body: { action: 'comment', comment: 'Seen.' } },
    actOnAlerts: { body: { alert_ids: [ids.alert, 'nothing'], action: { action: 'assign', to: 'Ada' } } },
    getRule: { params: { rule_id: 'critical-temperature' } },
    putRule: { params: { rule_id: 'too-hot' }, body: rule },
    deleteRule: { params: { rule_id: 'too-hot' } },
    previewRule: { body: { rule, asset_ids: ['solar-1'] } },
    createChannel: {
      body: { name: 'Hook', type: 'webhook', url: 'https://hooks.example.org/x', secret: 'a secret of the hook' },
    },
    updateChannel: {
      params: { channel_id: ids.channel },
      body: { name: 'Hook', type: 'slack', url: 'https://hooks.example.org/y' },
    },
    deleteChannel: { params: { channel_id: ids.channel } },
    testChannel: { params: { channel_id: ids.channel } },
    createTask: { body: { asset_id: 'solar-1', task: 'Clean the modules', due } },
    updateTask: { params: { task_id: ids.task }, body: { status: 'approved' } },
    getFailureProgression: { ...asset, query: 'scenario=inverter_fault&days=5' },
    whatIf: {
      ...asset,
      body: { faults: [{ id: 'soiling', severity: 0.5 }], days: 5, repair_after_days: 2, repair_cost: 20 },
    },
    setScenario: { body: { scenario: 'inverter_fault', asset_id: 'solar-1' } },
    startOidc: { status: 404 },
    finishOidc: { status: 404 },
    signIn: { body: { username: 'ada', password: 'a quite long sentence' } },
    updateMe: { body: { preferences: { theme: 'dark' } }, status: 409 },
    changePassword: { body: { current: 'a quite long sentence', password: 'another quite long one' }, status: 409 },
    createUser: { body: { username: 'grace', name: 'Grace', role: 'viewer', password: 'a long enough phrase' } },
    updateUser: { params: { user_id: ids.user }, body: { role: 'operator' } },
    deleteUser: { params: { user_id: ids.user } },
    createKey: { body: { name: 'Logger', scopes: ['ingest'], expires_at: due } },
    deleteKey: { params: { key_id: ids.key } },
    createTenant: { body: { id: 'third', name: 'Third' } },
    updateTenant: { params: { tenant_id: 'default' }, body: { settings: { currency: 'EUR', price_per_kwh: 0.3 } } },
    deleteTenant: { params: { tenant_id: 'third' } },
    aliasTelemetry: { ...asset, query: 'channels=solar_power&limit=3' },
    aliasIngest: { body: [{ ...reading, time: reading.time + 1 }] },
    aliasAcknowledge: alert,
    aliasResolve: alert,
    aliasHealth: asset,
    aliasJudge: { body: reading },
    aliasCreateTask: { body: { asset_id: 'solar-1', task: 'Look', due } },
    aliasUpdateTask: { params: { task_id: ids.task }, body: { status: 'done' } },
    aliasFailureProgression: { ...asset, query: 'days=3' },
    aliasSetScenario: { body: { scenario: 'normal' } },
  };
}
