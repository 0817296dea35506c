import type { MaintenanceTask } from '@twinergy-examples/client';

const HOUR = 3_600_000;
const stamp = (time: number) => new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
const escaped = (text: string) => text.replace(/[\\;,]/g, '\\$&').replace(/\r?\n/g, '\\n');

/** A line of at most 75 octets; what is longer goes on in the next after a space. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const letter of line) {
    const size = new TextEncoder().encode(letter).length;
    if (octets + size > (parts.length === 0 ? 75 : 74)) {
      parts.push(part);
      part = '';
      octets = 0;
    }
    part += letter;
    octets += size;
  }
  return [...parts, part].join('\r\n ');
}

/** The open tasks as iCalendar (RFC 5545): one event of an hour for each, at its due time. */
export function calendarFile(
  tasks: readonly MaintenanceTask[],
  plantOf: (task: MaintenanceTask) => string,
  now: number,
): string {
  const events = tasks
    .filter(({ status }) => status !== 'cancelled' && status !== 'done')
    .flatMap((task) => {
      const due = Date.parse(task.due);
      return [
        'BEGIN:VEVENT',
        `UID:${escaped(task.id)}@twinergy`,
        `DTSTAMP:${stamp(now)}`,
        `DTSTART:${stamp(due)}`,
        `DTEND:${stamp(due + HOUR)}`,
        `SUMMARY:${escaped(task.task)}`,
        `LOCATION:${escaped(plantOf(task))}`,
        `STATUS:${task.status === 'proposed' ? 'TENTATIVE' : 'CONFIRMED'}`,
        'END:VEVENT',
      ];
    });
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Twinergy//Dashboard//EN', ...events, 'END:VCALENDAR', '']
    .map(folded)
    .join('\r\n');
}
