import type { Notifier } from '../delivery.js';
import { cloudEvent } from './cloud-event.js';

/** What we call of an MQTT client (`mqtt` 5: `await connectAsync(url)`). */
export interface MqttPublisher {
  publishAsync(topic: string, payload: string, options: { qos: 1; retain: boolean }): Promise<unknown>;
}

/** Publishes notifications as JSON at QoS 1, on demand in a CloudEvents 1.0 envelope. */
export function mqttNotifier(
  client: MqttPublisher,
  topic: string,
  options: { readonly cloudEvents?: { readonly source: string } | undefined } = {},
): Notifier {
  const { cloudEvents } = options;
  return {
    async send(notification) {
      const payload = cloudEvents === undefined ? notification : cloudEvent(notification, cloudEvents.source);
      await client.publishAsync(topic, JSON.stringify(payload), { qos: 1, retain: false });
      return { ok: true };
    },
  };
}
