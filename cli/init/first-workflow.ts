import { packagePath } from '../../package-path.ts';
import type { Presets } from '../../server/gateway/presets.ts';
import { sampleToTry } from '../samples.ts';

export interface FirstWorkflow {
  /** By their names in `definitions/workflows`. */
  files: Record<string, string>;
  /** The source and the sample that start it: `stripe payment_intent.succeeded`. */
  sample: string;
}

/** A workflow for the first gateway that tells of payments; if none does, for whatever the first one tells of. With its tests. */
export async function firstWorkflow(
  gateways: readonly string[],
  presets: Presets,
  nowIso: string,
): Promise<FirstWorkflow> {
  const samples = await samplesOf(gateways, presets, nowIso);
  const chosen = samples.find(({ type }) => type === 'payment.succeeded') ?? samples[0];
  if (chosen === undefined) return { files: receiptWorkflow, sample: '<source> <sample>' };
  const files = chosen.type === 'payment.succeeded' ? receiptWorkflow : forwardWorkflow(chosen.type);
  return { files, sample: `${chosen.source} ${chosen.name}` };
}

/** The sample to try of each gateway that has one. */
async function samplesOf(gateways: readonly string[], presets: Presets, nowIso: string) {
  const folders = [packagePath('definitions', 'gateways', 'samples')];
  const samples: { source: string; name: string; type: string }[] = [];
  for (const gateway of gateways) {
    const preset = presets.get(gateway);
    const sample = preset === undefined ? undefined : await sampleToTry(preset, folders, nowIso);
    if (sample !== undefined) samples.push({ source: gateway.replaceAll('_', '-'), ...sample });
  }
  return samples;
}

const receiptWorkflow = {
  'payment-succeeded.json': `{
  "$schema": "../../schemas/workflow.schema.json",
  "name": "payment-succeeded",
  "title": "Thank for a payment, and tell other systems",
  "on": { "event": "payment.succeeded" },
  "steps": [
    {
      "id": "notify",
      // A receipt that cannot be mailed keeps nobody from hearing of the payment.
      "join": "settle",
      "parallel": [
        {
          "id": "receipt",
          "if": { "!!": { "var": "event.payment.customer.email" } },
          "call": "mail.send",
          "with": { "to": "{{event.payment.customer.email}}", "template": "receipt" }
        },
        {
          "id": "tell",
          // Signed webhooks to whoever subscribes: npx kait endpoints add <url> --events order.paid
          "emit": "order.paid",
          "with": {
            "payment": "{{event.payment.id}}",
            "order": "{{event.payment.orderId}}",
            "amount": "{{event.payment.amount}}",
            "currency": "{{event.payment.currency}}"
          }
        }
      ]
    }
  ]
}
`,
  'payment-succeeded.test.json': `{
  "$schema": "../../schemas/workflow-test.schema.json",
  "tests": [
    {
      "name": "a customer with an address gets a receipt, and subscribers hear of the payment",
      "event": { "payment": { "amount": 250000, "currency": "IDR", "customer": { "email": "ana@shop.example" } } },
      "expect": {
        "trace": ["notify done", "receipt done", "tell done"],
        "steps": {
          "receipt": { "input": { "to": "ana@shop.example", "template": "receipt" } },
          "tell": { "input": { "type": "order.paid", "data": { "amount": 250000, "currency": "IDR" } } }
        }
      }
    },
    {
      "name": "a customer without an address gets none",
      "event": { "payment": { "customer": { "email": null } } },
      "expect": { "trace": ["notify done", "receipt skipped", "tell done"] }
    }
  ]
}
`,
};

function forwardWorkflow(type: string): FirstWorkflow['files'] {
  return {
    'received.json': `{
  "$schema": "../../schemas/workflow.schema.json",
  "name": "received",
  "title": "Tell other systems",
  "on": { "event": ${JSON.stringify(type)} },
  "steps": [
    // Signed webhooks to whoever subscribes: npx kait endpoints add <url> --events received
    { "id": "tell", "emit": "received", "with": { "id": "{{event.id}}", "type": "{{event.type}}" } }
  ]
}
`,
    'received.test.json': `{
  "$schema": "../../schemas/workflow-test.schema.json",
  "tests": [{ "name": "subscribers hear of it", "expect": { "trace": ["tell done"] } }]
}
`,
  };
}
