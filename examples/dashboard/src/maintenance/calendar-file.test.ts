import type { MaintenanceTask } from '@twinergy-examples/client';
import { expect, it } from 'vitest';
import { calendarFile } from './calendar-file.js';

const task: MaintenanceTask = {
  id: 'one',
  asset_id: 'roof',
  task: 'Clean the modules, then measure; all of them '.repeat(3).trim(),
  status: 'approved',
  priority: 'HIGH',
  component: null,
  due: '2026-06-10T08:00:00.000Z',
  completed_at: null,
  cost: null,
  details: null,
};

it('writes open tasks as events of iCalendar, with what is special escaped and long lines folded', () => {
  const text = calendarFile([task, { ...task, id: 'two', status: 'done' }], () => 'Dach Süd', 0);
  expect(text.match(/BEGIN:VEVENT/g)).toHaveLength(1);
  expect(text).toContain('DTSTART:20260610T080000Z\r\nDTEND:20260610T090000Z\r\n');
  expect(text.replaceAll('\r\n ', '')).toContain('SUMMARY:Clean the modules\\, then measure\\; all of them');
  for (const line of text.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
});
