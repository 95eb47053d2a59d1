import './designer.css';
import { island } from '../lib/islands.js';
import { Workspace } from './workspace/workspace.js';

island('designer', (root) => {
  const workspace = new Workspace(root);
  workspace.begin();
  return () => workspace.leave();
});

/** Two versions side by side on a page of their own: `data-from` and `data-to` name them. */
island('designer-compare', (root) => {
  let leave = null;
  import('./compare/page.js').then(async ({ show }) => (leave = await show(root)));
  return () => leave?.();
});
