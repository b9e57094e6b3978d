import { checkForm } from '../../language/check/form.ts';
import type { Path, Report } from '../../language/check/report.ts';
import { isObject, type JsonObject } from '../../language/json.ts';
import { partSchemas } from './test-file-schema.ts';

/** Checks an event of which only some members are given. */
export function checkPartialEvent(event: JsonObject, path: Path, report: Report): void {
  checkForm(partSchemas.event, event, path, 'the event', report);
  if (isObject(event.payment)) {
    checkForm(partSchemas.payment, event.payment, [...path, 'payment'], 'the payment', report);
  }
}
