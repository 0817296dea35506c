import type { Notification } from '../outbox.js';

/** A notification in an envelope of CloudEvents 1.0 (structured mode, JSON). */
export function cloudEvent(notification: Notification, source: string) {
  return {
    specversion: '1.0',
    id: notification.key,
    source,
    type: 'twinergy.alert.notification',
    subject: notification.receiver,
    time: new Date(notification.time).toISOString(),
    datacontenttype: 'application/json',
    data: notification,
  };
}
