import { inUnit } from '@twinergy-examples/ui';
import { LineChart } from '@twinergy-examples/ui/chart';
import { type DragEvent, useRef, useState } from 'react';
import { requestWork } from 'twinergy';
import { CHANNELS, guessMapping, type Mapping, type Preview, previewOf } from '../csv/guess.js';
import type { Report, ReportRequest, ReportTasks } from '../worker/report-messages.js';

interface Chosen {
  readonly name: string;
  readonly text: string;
  readonly preview: Preview;
}

const zones = Intl.supportedValuesOf('timeZone');
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A report of a file of one's own: drop it, say which column is what, see how the plant is doing. */
export default function OwnData() {
  const [file, setFile] = useState<Chosen>();
  const [over, setOver] = useState(false);
  const [status, setStatus] = useState('');
  const [report, setReport] = useState<Report>();
  const [zone, setZone] = useState(here);
  const running = useRef<AbortController | null>(null);

  const take = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    const text = await chosen.text();
    setReport(undefined);
    setStatus('');
    setFile({ name: chosen.name, text, preview: previewOf(text) });
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  const analyse = async (request: ReportRequest) => {
    const worker = new Worker(new URL('../worker/report.ts', import.meta.url), { type: 'module', name: 'report' });
    const controller = new AbortController();
    running.current = controller;
    setReport(undefined);
    setZone(request.time.zone);
    setStatus('Reading the file …');
    try {
      const answer = await requestWork<ReportTasks, 'report'>(worker, 'report', request, {
        signal: controller.signal,
        onProgress: ({ phase, done, total }) => setStatus(`${phase}, ${Math.round((100 * done) / total)} %`),
      });
      setReport(answer);
      setStatus('');
    } catch (error) {
      setStatus(error instanceof Error ? error.message : String(error));
    } finally {
      running.current = null;
      worker.terminate();
    }
  };

  return (
    <section className="card" aria-label="Your own plant">
      <h2>Your own plant</h2>
      <p className="muted">A CSV file with times and AC power will do; irradiance and temperature make it sharper.</p>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same without a drag. */}
      <div
        className={over ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <label className="button primary file">
          Choose a CSV file
          <input
            type="file"
            accept=".csv,.txt,text/csv"
            className="visually-hidden"
            onChange={({ target }) => void take(target.files?.[0])}
          />
        </label>
        <p className="muted">{file?.name ?? 'or drop it here. It stays in this browser.'}</p>
      </div>
      {file !== undefined && <MappingForm key={file.name} file={file} onSubmit={(request) => void analyse(request)} />}
      <p className="muted" aria-live="polite">
        {status}{' '}
        {running.current !== null && (
          <button type="button" className="link" onClick={() => running.current?.abort()}>
            Stop
          </button>
        )}
      </p>
      {report !== undefined && <ReportView report={report} zone={zone} />}
    </section>
  );
}

function MappingForm({ file, onSubmit }: { file: Chosen; onSubmit: (request: ReportRequest) => void }) {
  const guess = guessMapping(file.preview);
  const [mapping, setMapping] = useState<Mapping>(guess.mapping);
  const submit = (form: FormData) => {
    const number = (name: string) => {
      const text = String(form.get(name) ?? '').trim();
      return text === '' ? null : Number(text);
    };
    onSubmit({
      text: file.text,
      time: { column: String(form.get('time')), zone: String(form.get('zone')) },
      mapping,
      latitude: number('latitude') ?? 0,
      longitude: number('longitude') ?? 0,
      rating: 1000 * (number('rating') ?? 0),
      tilt: number('tilt'),
      azimuth: number('azimuth'),
    });
  };
  const assign = (name: string, column: string, unit: string) => {
    const { [name]: _, ...rest } = mapping;
    setMapping(column === '' ? rest : { ...rest, [name]: { column, unit } });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit(new FormData(event.currentTarget as HTMLFormElement));
      }}
    >
      <div className="mapping">
        <label>
          Time
          <select name="time" defaultValue={guess.time}>
            {file.preview.columns.map((column) => (
              <option key={column}>{column}</option>
            ))}
          </select>
        </label>
        <label>
          Zone of the times
          <select name="zone" defaultValue={here}>
            {['UTC', ...zones].map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {CHANNELS.map(({ name, title, units }) => {
          const chosen = mapping[name];
          return (
            <div key={name} className="field">
              <span aria-hidden="true">{title}</span>
              <select
                aria-label={title}
                value={chosen?.column ?? ''}
                onChange={({ currentTarget }) => assign(name, currentTarget.value, chosen?.unit ?? units[0])}
              >
                <option value="">not in the file</option>
                {file.preview.columns.map((column) => (
                  <option key={column}>{column}</option>
                ))}
              </select>
              {units.length > 1 && chosen !== undefined && (
                <select
                  aria-label={`Unit of ${title}`}
                  value={chosen.unit}
                  onChange={({ currentTarget }) => assign(name, chosen.column, currentTarget.value)}
                >
                  {units.map((unit) => (
                    <option key={unit}>{unit}</option>
                  ))}
                </select>
              )}
            </div>
          );
        })}
        <Field name="rating" title="Rated power, kW" required least={0.1} />
        <Field name="latitude" title="Latitude, °" required least={-90} />
        <Field name="longitude" title="Longitude, °" required least={-180} />
        <Field name="tilt" title="Tilt, ° (if known)" least={0} />
        <Field name="azimuth" title="Azimuth, ° (180 is south)" least={0} />
      </div>
      <button type="submit" className="button primary" disabled={mapping.acPower === undefined}>
        Make the report
      </button>
      {mapping.acPower === undefined && <span className="muted"> Say first which column is the power.</span>}
    </form>
  );
}

function Field({ name, title, required, least }: { name: string; title: string; required?: boolean; least: number }) {
  return (
    <label>
      {title}
      <input name={name} type="number" step="any" min={least} required={required} />
    </label>
  );
}

function ReportView({ report, zone }: { report: Report; zone: string }) {
  const { days } = report;
  return (
    <div className="report">
      <p className="sentence">{report.sentence}</p>
      <LineChart
        title="Energy a day: measured and expected"
        time={days.time}
        unit="kWh"
        lines={[
          { name: 'Measured', values: days.measured, color: '--measured' },
          { name: 'Expected', values: days.expected, color: '--expected', dashed: true },
        ]}
        spans={report.outages.map(({ from, to }) => ({ from, to, color: '--anomaly', mark: true }))}
        timeZone={zone}
      />
      <div className="columns">
        <div>
          <h3>What the data tell of the plant</h3>
          <table>
            <tbody>
              {report.parameters.map(({ title, value, told }) => (
                <tr key={title}>
                  <th scope="row">{title}</th>
                  <td>{value}</td>
                  <td className="muted">{told < 0.5 ? 'assumed' : 'found'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <div>
          <h3>Worth knowing</h3>
          <ul>
            {report.notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
            <li>
              {inUnit(report.rows, 'rows')} were read, {report.setAside} values set aside.
            </li>
            <li>{report.outages.length} outages under light.</li>
          </ul>
        </div>
      </div>
    </div>
  );
}
