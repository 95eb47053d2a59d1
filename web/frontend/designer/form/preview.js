import { Form } from '@bpmn-io/form-js-viewer';
import { readRights } from '../bpmn/panel/rules.js';
import { asSeen } from './seen.js';

/** Draws a form as people see it in a language and with a node's rights. Returns what takes it away. */
export async function preview(root, schema, { language, rights }) {
  const form = new Form({ container: root });
  await form.importSchema(asSeen(schema, language, readRights(rights)), {});
  return () => form.destroy();
}
